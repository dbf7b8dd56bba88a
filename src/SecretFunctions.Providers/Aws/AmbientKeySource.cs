using Amazon.Runtime;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Aws;

/// <summary>
/// Whatever the service runs as in AWS: the SDK's default chain of environment, profile, container and instance role. The
/// SDK caches and renews what it found. Its requests to the metadata services do not pass <see cref="Http.ProviderHttp"/>:
/// those are link-local addresses no tenant can choose.
/// </summary>
internal sealed class AmbientKeySource(Func<Task<AWSCredentials>> chain) : IAwsKeySource
{
    public async Task<Result<AwsKeys>> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The chain takes no token; it is left to finish alone, and its result serves the next caller.
            var credentials = await chain().WaitAsync(cancellationToken);
            var keys = await credentials.GetCredentialsAsync().WaitAsync(cancellationToken);
            return new AwsKeys(keys.AccessKey, keys.SecretKey, keys.UseToken ? keys.Token : null, expiresAt: null);
        }
        catch (Exception exception) when (IsTheChains(exception, cancellationToken))
        {
            // Its message lists files and variables of the host, which are not the tenant's business.
            return ProviderFailure.Create(
                ProviderFailure.AuthenticationFailed,
                "This service has no AWS identity of its own.",
                "Ambient authentication works where the service runs in AWS: give its instance, task or pod a role (or set "
                + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment), or use static keys.");
        }
    }

    public bool Forget(AwsKeys rejected) => false;

    /// <summary>The chain reads files, runs processes and asks metadata services, with time limits of its own.</summary>
    private static bool IsTheChains(Exception exception, CancellationToken cancellationToken) => exception is
        AmazonClientException or AmazonServiceException or HttpRequestException or IOException or UnauthorizedAccessException
        or InvalidOperationException or ArgumentException or TimeoutException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
