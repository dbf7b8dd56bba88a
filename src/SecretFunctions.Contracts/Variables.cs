namespace SecretFunctions.Contracts;

/// <summary>A variable to write: one source, and words about it.</summary>
public sealed record VariableRequest
{
    /// <summary>Sealed in the built-in vault; at most 64 KiB of UTF-8 without NUL.</summary>
    public SensitiveText? Value { get; init; }

    /// <summary>The value, sealed by the client for <c>GET /v1/sealing-key</c>: a JWE in compact serialization, which is opened when it is resolved.</summary>
    public SensitiveText? SealedValue { get; init; }

    /// <summary>Where the value lies in an external store.</summary>
    public ReferenceDescription? Reference { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? DisplayName { get; init; }

    public string? Description { get; init; }
}

/// <summary>Through a credential, or the provider's default one: exactly one of them is named.</summary>
public sealed record ReferenceDescription
{
    public string? Credential { get; init; }

    public string? Provider { get; init; }

    /// <summary>The secret's name in the store; with <c>#key</c> or <c>#/json/pointer</c> one field of it.</summary>
    public required string Secret { get; init; }

    /// <summary>Pins; left out, every kickoff gets the current one.</summary>
    public string? Version { get; init; }
}

/// <param name="Name">The key.</param>
/// <param name="HasValue">Stands where the value is not shown.</param>
/// <param name="Sealed">A client has sealed the value: nobody is shown it but who resolves it.</param>
/// <param name="Version">The current one in the built-in vault.</param>
public sealed record VariableResource(
    string Name,
    string Key,
    string Environment,
    string Scope,
    bool HasValue,
    bool Sealed,
    int? Version,
    ReferenceDescription? Reference,
    IReadOnlyList<string> Tags,
    string? DisplayName,
    string? Description,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string UpdatedBy);

public sealed record RevealResponse(SensitiveText Value, int Version);

public sealed record VariableVersion(int Version, bool Current, bool Sealed, DateTimeOffset CreatedAt, string CreatedBy);

public sealed record ImportResponse(int Created, int Updated, int Unchanged, IReadOnlyList<ProblemEntry> Errors);
