namespace SecretFunctions.Core.Providers;

/// <summary>
/// One kind of external store. Registered once; holds no state of any credential. Safe for concurrent use.
/// A new store is one folder that implements this and one line of registration (docs/providers/README.md).
/// </summary>
public interface ISecretProvider
{
    /// <summary>The wire name, unique among providers: <c>aws-secrets-manager</c>.</summary>
    string Name { get; }

    /// <summary>The address of a store, beside <c>auth</c>: region, vaultUrl, mount. Checked before anything is stored.</summary>
    IReadOnlyList<ProviderField> Settings { get; }

    /// <summary>The ways to authenticate. A type may occur more than once with different fields (a token, or an AppRole).</summary>
    IReadOnlyList<AuthScheme> AuthSchemes { get; }

    /// <summary>How it takes our own tokens (<see cref="AuthScheme.WorkloadIdentity"/>); null where it does not.</summary>
    FederationTarget? Federation => null;

    /// <summary>
    /// What the fields' own rules cannot say, for example that a Google location must suit the project. Everything
    /// wrong at once; empty where nothing is. No I/O. Details never hold a static field's value.
    /// </summary>
    IReadOnlyList<FailureEntry> Validate(ProviderConnection connection);

    /// <summary>Refuses a secret name or version this store cannot have, before a reference to it is stored. No I/O.</summary>
    Failure? ValidateAddress(SecretAddress address);

    /// <summary>
    /// A client of one store under one identity. No I/O: the first call authenticates. Kept and reused, with its
    /// connections and tokens, until the credential changes. The connection stays the caller's and outlives the client.
    /// </summary>
    ISecretStore Open(ProviderConnection connection);

    /// <summary>
    /// One value out of what was read: the whole where <paramref name="selector"/> is null, else one field. Most stores
    /// keep text or a JSON object, which one shared function serves; 1Password items have fields of their own.
    /// </summary>
    Result<SecretValue> Select(SecretPayload payload, string? selector);
}

/// <summary>
/// An open store. Safe for concurrent use. Calls neither retry nor cache nor limit themselves: that is done for every
/// store alike by the caller. Failures come from <see cref="ProviderFailure"/>; exceptions other than
/// <see cref="OperationCanceledException"/> are bugs. Further abilities are the interfaces an implementation adds.
/// </summary>
public interface ISecretStore : IAsyncDisposable
{
    /// <summary>
    /// Makes sure that we are let in, and says as whom where the store tells (an ARN, a service account, a token's
    /// display name), else null.
    /// </summary>
    Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken);

    /// <summary>The secret at <paramref name="address"/>; the payload is the caller's to dispose.</summary>
    Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken);
}

/// <summary>A store that reads several secrets in one request.</summary>
public interface IBatchReader
{
    /// <summary>The most secrets in one request.</summary>
    int MaxBatchSize { get; }

    /// <summary>
    /// Whether this one may be batched (a pinned version may not, on AWS). Turns false for all once the store refused
    /// batches as such.
    /// </summary>
    bool CanBatch(SecretAddress address);

    /// <summary>
    /// One result per address, in their order. The caller reads singly whatever failed here for another reason than
    /// throttling or an outage.
    /// </summary>
    Task<IReadOnlyList<Result<SecretPayload>>> ReadBatchAsync(
        IReadOnlyList<SecretAddress> addresses, CancellationToken cancellationToken);
}

/// <summary>A store that can name its secrets.</summary>
public interface ISecretLister
{
    /// <summary>
    /// Names that start with <paramref name="prefix"/> (empty: all), at most <paramref name="limit"/> (1 to 1000). Versions come
    /// along where the store's listing has them, so that one call can watch many secrets for a rotation.
    /// </summary>
    Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken);
}

/// <summary>A store that can tell a secret's current version without handing out its value.</summary>
public interface IVersionReader
{
    /// <summary>The version a read of this address would return now, as <see cref="SecretPayload.Version"/> would say it.</summary>
    Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken);
}

/// <param name="Names">In the store's order.</param>
/// <param name="Complete">False where more names exist than were asked for.</param>
public sealed record SecretListing(IReadOnlyList<ListedSecret> Names, bool Complete);

/// <param name="Name">As a reference would write it.</param>
/// <param name="Version">The current version where the listing tells it, in the form <see cref="SecretPayload.Version"/> has.</param>
public readonly record struct ListedSecret(string Name, string? Version);

/// <param name="Name">The secret's name in the store, without selector.</param>
/// <param name="Version">Pins; null reads the current one.</param>
public readonly record struct SecretAddress(string Name, string? Version);
