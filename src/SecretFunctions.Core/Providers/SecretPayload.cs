namespace SecretFunctions.Core.Providers;

/// <summary>What a store returned for one secret. Exactly one owner, who disposes it.</summary>
/// <param name="Value">UTF-8 text, or for 1Password the item as JSON.</param>
/// <param name="Version">The store's name for the version that was read, never empty.</param>
public sealed record SecretPayload(SecretValue Value, string Version) : IDisposable
{
    /// <summary>When this version ceases to be valid, where the store says so: it is not served from a cache beyond that.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    public void Dispose() => Value.Dispose();
}
