using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

/// <summary>How to reach one external store. Beside what is named here it has the provider's own fields: region, vaultUrl, address, …</summary>
public sealed record CredentialRequest
{
    public required string Provider { get; init; }

    /// <summary>
    /// 'type' is static, ambient or workload-identity. With static the other fields are the provider's, and write-only; with workload-identity 'config'
    /// names a configuration.
    /// </summary>
    public required IReadOnlyDictionary<string, JsonElement> Auth { get; init; }

    public bool Default { get; init; }

    /// <summary>organization (the default), or projects.</summary>
    public string? Scope { get; init; }

    public IReadOnlyList<string>? Projects { get; init; }

    public IReadOnlyList<string>? Automations { get; init; }

    public int? CacheTtlSeconds { get; init; }

    public int? StaleIfErrorSeconds { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The provider's own fields. Settable, since the source generator makes init-only properties constructor parameters, which these cannot be.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Settings { get; set; }
}

public sealed record CredentialResource
{
    public required string Name { get; init; }

    public required string Provider { get; init; }

    /// <summary>'type'; for each static field that is set <c>{"hasValue": true}</c>; 'config' with a workload identity.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Auth { get; init; }

    public required bool Default { get; init; }

    public required string Scope { get; init; }

    public required IReadOnlyList<string> Projects { get; init; }

    public required IReadOnlyList<string> Automations { get; init; }

    public required int CacheTtlSeconds { get; init; }

    public required int StaleIfErrorSeconds { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required string UpdatedBy { get; init; }

    /// <summary>The provider's own fields. Settable, since the source generator makes init-only properties constructor parameters, which these cannot be.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Settings { get; set; }
}

public sealed record CredentialTestRequest
{
    /// <summary>Read this one too, as a reference would name it. Nothing of its value is in the answer.</summary>
    public string? Secret { get; init; }
}

/// <param name="Identity">Who we are there, where the store tells.</param>
public sealed record CredentialTestResponse(bool Ok, string? Identity, IReadOnlyList<CredentialTestCheck> Checks);

/// <param name="Name">subject (through a workload identity), reach, authenticate, list or read.</param>
public sealed record CredentialTestCheck(string Name, bool Ok, string? Code, string? ProviderCode, string? Detail, string? Hint);

/// <param name="Complete">False where there are more, or listing is not permitted; the detail says which.</param>
public sealed record SecretNamesResponse(IReadOnlyList<string> Items, bool Complete, string? Detail);

public sealed record CacheResponse(IReadOnlyList<CacheEntryStatistics> Items);

/// <summary>Of one credential: what lies in the store for all instances, and how this instance's cache did since it started.</summary>
public sealed record CacheEntryStatistics(string Credential, int Entries, long Hits, long Misses, long Stale, long Failures);

public sealed record CacheClearedResponse(int Cleared);

/// <summary>The answer to a rotation event, or to the question whether events are wanted.</summary>
public sealed record EventResponse
{
    /// <summary>Cached entries that the events concerned; 0 is fine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Dropped { get; init; }

    /// <summary>Event Grid's validation code, sent back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ValidationResponse { get; init; }
}
