using System.Text.Json.Serialization;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Variables;

/// <summary>
/// A named variable with its source and, where that is the built-in vault, its versions. One document, so that a write is
/// one row: an import of many variables stays one transaction.
/// </summary>
public sealed record Variable(string Environment, string Scope, string Key, Changes Changes)
{
    public IReadOnlyList<string> Tags { get; init; } = [];

    public string? DisplayName { get; init; }

    public string? Description { get; init; }

    /// <summary>Newest first. Kept when the source becomes a reference: earlier values can be restored.</summary>
    public IReadOnlyList<ValueVersion> Versions { get; init; } = [];

    /// <summary>Never used again, even when the version it counted is long gone.</summary>
    public int LastVersion { get; init; }

    /// <summary>Set where the value lies in an external store; then no version is current.</summary>
    public ReferenceSource? Reference { get; init; }

    /// <summary>The version a resolve opens; null where the source is a reference.</summary>
    [JsonIgnore]
    public ValueVersion? Current => Reference is null && Versions.Count > 0 ? Versions[0] : null;

    /// <summary>This variable with one more version, and the oldest gone beyond <paramref name="keep"/>.</summary>
    /// <param name="content">The value, or what a client has sealed as it is kept: see <see cref="ValueVersion.IsJwe"/>.</param>
    internal Variable WithValue(OrganizationKeys keys, in VariableAddress address, string organizationId, ReadOnlySpan<byte> content, bool isJwe, int keep)
    {
        var version = LastVersion + 1;
        var envelope = Envelope.Seal(keys, address.SealContext(organizationId, version, isJwe), content);
        var added = new ValueVersion(version, envelope, Changes.UpdatedAt, Changes.UpdatedBy) { IsJwe = isJwe };
        return this with { Versions = [added, .. Versions.Take(keep - 1)], LastVersion = version, Reference = null };
    }
}

/// <param name="Version">From 1.</param>
/// <param name="Sealed">See <see cref="Envelope"/>.</param>
public sealed record ValueVersion(int Version, byte[] Sealed, DateTimeOffset CreatedAt, string CreatedBy)
{
    /// <summary>
    /// In the envelope is what a client has sealed (<see cref="Vault.Sealing.CompactJwe"/>), which only a resolve opens. Part of what the envelope is
    /// bound to: changed in the store, it does not open as the other.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsJwe { get; init; }
}

/// <summary>Where a value lies: a credential or the provider's default one, a secret's name with optional selector, an optional version.</summary>
public sealed record ReferenceSource(string? Credential, string? Provider, string Secret, string? Version);
