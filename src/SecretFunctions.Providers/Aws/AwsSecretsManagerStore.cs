using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Aws;

/// <summary>Secrets Manager of one region under one identity.</summary>
/// <remarks>Has nothing to dispose, for the same reasons as <see cref="Http.StoreClient"/>.</remarks>
internal sealed class AwsSecretsManagerStore(SecretsManagerClient secrets, StsClient sts, IAwsKeySource source)
    : ISecretStore, IBatchReader, ISecretLister, IVersionReader
{
    /// <summary>Pages without end are a fault of the other side; this many hold the largest batch or listing twice over.</summary>
    private const int MaxPages = 50;

    private volatile bool _batchRefused;

    public int MaxBatchSize => SecretsManagerClient.MaxBatch;

    public bool CanBatch(SecretAddress address) => address.Version is null && !_batchRefused;

    public async Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken)
    {
        var asked = await source.SendAsync(keys => sts.GetCallerIdentityAsync(keys, cancellationToken), cancellationToken);
        return asked.TryGet(out var arn, out var failure) ? arn : failure;
    }

    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken) =>
        (await secrets.GetSecretValueAsync(address, cancellationToken)).TryGet(out var secret, out var failure)
            ? new SecretPayload(secret.Value, secret.VersionId)
            : failure;

    public async Task<IReadOnlyList<Result<SecretPayload>>> ReadBatchAsync(
        IReadOnlyList<SecretAddress> addresses, CancellationToken cancellationToken)
    {
        var answers = new BatchAnswers(secrets, addresses);
        try
        {
            string? next = null;
            for (var page = 0; page == 0 || (next is not null && page < MaxPages); page++)
            {
                var names = addresses.Select(static address => address.Name);
                if (!(await secrets.BatchGetSecretValueAsync(names, next, cancellationToken)).TryGet(out var got, out var failure))
                {
                    // Refused as such, not for one secret: reading singly may be allowed all the same.
                    _batchRefused |= failure.Code == ProviderFailure.PermissionDenied;
                    return answers.Complete(failure);
                }

                answers.Add(got);
                next = got.NextToken;
            }

            return answers.Complete(rest: null);
        }
        catch
        {
            answers.Dispose();
            throw;
        }
    }

    public async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        var found = new List<ListedSecret>();
        if (!AwsNames.IsNamePrefix(prefix))
        {
            return new SecretListing(found, Complete: true); // No name begins like that; to AWS a leading ! would mean "not".
        }

        string? next = null;
        for (var page = 0; page == 0 || (next is not null && page < MaxPages && found.Count <= limit); page++)
        {
            // One more than was asked for tells whether there are more.
            var count = Math.Min(SecretsManagerClient.MaxPage, limit + 1 - found.Count);
            if (!(await secrets.ListSecretsAsync(prefix, count, next, cancellationToken)).TryGet(out var got, out var failure))
            {
                return failure;
            }

            found.AddRange(got.Secrets
                .Where(secret => !secret.IsDeleted && secret.Name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(static secret => new ListedSecret(secret.Name, secret.VersionWith(AwsDescription.Current))));
            next = got.NextToken;
        }

        return new SecretListing(found.Count > limit ? found[..limit] : found, Complete: next is null && found.Count <= limit);
    }

    public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (!(await secrets.DescribeSecretAsync(address.Name, cancellationToken)).TryGet(out var secret, out var failure))
        {
            return failure;
        }

        if (secret.IsDeleted)
        {
            // A description is still to be had of what a read would refuse; say what the read would say.
            return secrets.FailureOf(address, new AwsError("InvalidRequestException", "marked for deletion"));
        }

        // A version id names itself for ever, also when it has no stage any more and is missing from the description.
        var version = address.Version is { } pinned && AwsNames.IsVersionId(pinned)
            ? pinned
            : secret.VersionWith(address.Version ?? AwsDescription.Current);
        return version is not null
            ? version
            : secrets.FailureOf(address, new AwsError("ResourceNotFoundException", "secret value for staging label"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
