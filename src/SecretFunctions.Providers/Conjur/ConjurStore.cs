using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Conjur;

/// <summary>Variables of one account.</summary>
/// <remarks>
/// Conjur answers a read with the bare value. Its number is in the variable's metadata, which is asked for at the same
/// time. Where a rotation falls between the two answers, the number can be one too low (then the next look at versions
/// corrects it) or one too high (then the older value lives until its cache entry expires). The alternative, to read the
/// number first and pin it, costs every kickoff a second round trip.
/// </remarks>
internal sealed class ConjurStore(ConjurClient client, string account) : ISecretStore, IBatchReader, ISecretLister, IVersionReader
{
    private readonly ConjurBatch _batch = new(client, account);
    private readonly ConjurCatalogue _catalogue = new(client, account);

    /// <inheritdoc cref="ConjurBatch.MaxSize"/>
    public int MaxBatchSize => ConjurBatch.MaxSize;

    public Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) => client.AuthenticateAsync(cancellationToken);

    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (VariableId.Check(address) is { } refused)
        {
            return refused;
        }

        var reading = ReadValueAsync(address, cancellationToken);
        var naming = address.Version is { } pinned
            ? Task.FromResult<Result<string>>(pinned)
            : _catalogue.CurrentVersionAsync(address.Name, cancellationToken);
        try
        {
            await Task.WhenAll(reading, naming);
        }
        catch when (reading.IsCompletedSuccessfully)
        {
            (await reading).TryGet(out var unused, out _);
            unused?.Dispose();
            throw;
        }

        return Named(await reading, await naming);
    }

    public bool CanBatch(SecretAddress address) => _batch.Takes(address);

    public async Task<IReadOnlyList<Result<SecretPayload>>> ReadBatchAsync(
        IReadOnlyList<SecretAddress> addresses, CancellationToken cancellationToken)
    {
        string[] names = [.. addresses.Select(address => address.Name).Distinct(StringComparer.Ordinal)];
        var naming = _catalogue.CurrentVersionsAsync(names, cancellationToken);
        var reading = _batch.ReadAsync(names, cancellationToken);
        try
        {
            await Task.WhenAll(reading, naming);
        }
        catch when (reading.IsCompletedSuccessfully)
        {
            (await reading).Dispose();
            throw;
        }

        using var values = await reading;
        var versions = await naming;
        return [.. addresses.Select(address => Named(values.Take(address.Name), versions[address.Name]))];
    }

    public Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
        _catalogue.ListAsync(prefix, limit, cancellationToken);

    public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken) =>
        VariableId.Check(address) is { } refused ? refused : await _catalogue.VersionAsync(address, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The value's failure goes first: it is the one that was asked for.</summary>
    private static Result<SecretPayload> Named(Result<SecretValue> reading, Result<string> naming)
    {
        if (!reading.TryGet(out var value, out var failure))
        {
            return failure;
        }

        if (naming.TryGet(out var version, out failure))
        {
            return new SecretPayload(value, version);
        }

        value.Dispose();
        return failure;
    }

    private async Task<Result<SecretValue>> ReadValueAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        var what = $"reading the variable \"{address.Name}\"";
        var query = address.Version is null ? "" : $"?version={address.Version}";
        var path = $"secrets/{Uri.EscapeDataString(account)}/variable/{Uri.EscapeDataString(address.Name)}{query}";
        if (!(await client.GetAsync(path, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            return answer.IsSuccess
                ? new SecretValue(answer.Body.Span)
                : ConjurFailures.Explain(address.Version is null ? ConjurFailures.Read : ConjurFailures.ReadVersion, what, answer);
        }
    }
}
