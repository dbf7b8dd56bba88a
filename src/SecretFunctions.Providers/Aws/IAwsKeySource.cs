using SecretFunctions.Core;

namespace SecretFunctions.Providers.Aws;

/// <summary>One way into AWS. Safe for concurrent use. A new way in is one more of these.</summary>
internal interface IAwsKeySource
{
    Task<Result<AwsKeys>> GetAsync(CancellationToken cancellationToken);

    /// <summary>AWS takes <paramref name="rejected"/> for expired. True where <see cref="GetAsync"/> will now return others.</summary>
    bool Forget(AwsKeys rejected);
}

/// <summary>A key an admin typed in.</summary>
internal sealed class StaticKeySource(AwsKeys keys) : IAwsKeySource
{
    public Task<Result<AwsKeys>> GetAsync(CancellationToken cancellationToken) => Task.FromResult<Result<AwsKeys>>(keys);

    public bool Forget(AwsKeys rejected) => false;
}

internal static class AwsKeySources
{
    /// <summary>Sends a request under the source's keys; once more under others where AWS takes these for expired and there are others.</summary>
    public static async Task<Result<T>> SendAsync<T>(
        this IAwsKeySource source, Func<AwsKeys, Task<Result<T>>> send, CancellationToken cancellationToken)
    {
        for (var renewed = false; ; renewed = true)
        {
            if (!(await source.GetAsync(cancellationToken)).TryGet(out var keys, out var noKeys))
            {
                return noKeys;
            }

            var result = await send(keys);

            // A session can end before its time (revoked, skewed clocks). That is ours to renew, once; it is no retry of the request.
            if (renewed || result.Failure is null || !AwsFailures.IsExpiredSession(result.Failure) || !source.Forget(keys))
            {
                return result;
            }
        }
    }
}
