using System.Text.Json.Serialization;

namespace SecretFunctions.Core.Vault;

/// <summary>The row that holds an organization's keys. Deleting it is what destroys the organization.</summary>
/// <param name="RootKeyId">Which root key wrapped them, all of them.</param>
/// <param name="Wrapping">Versions before the current one still open what they sealed; later ones wait.</param>
internal sealed record StoredOrganizationKeys(string RootKeyId, IReadOnlyList<StoredKey> Wrapping, byte[] Identity)
{
    /// <summary>The version that seals. Null, as of old: the last.</summary>
    public int? Current { get; init; }

    /// <summary>The last version there ever was: it is dropped only once a later one seals, so none is used twice.</summary>
    [JsonIgnore]
    public int LastVersion => Wrapping.Max(static key => key.Version);

    [JsonIgnore]
    public int CurrentVersion => Current ?? LastVersion;

    [JsonIgnore]
    public StoredKey CurrentKey => Wrapping.Single(key => key.Version == CurrentVersion);

    /// <summary>Those that seal no more.</summary>
    [JsonIgnore]
    public IEnumerable<StoredKey> Earlier => Wrapping.Where(key => key.Version < CurrentVersion);

    /// <summary>Those that do not seal yet, the first first.</summary>
    [JsonIgnore]
    public IEnumerable<StoredKey> Waiting => Wrapping.Where(key => key.Version > CurrentVersion).OrderBy(static key => key.Version);
}

internal sealed record StoredKey(int Version, byte[] Wrapped)
{
    /// <summary>Random, and the key's for life, whatever wraps it. Null for keys of old.</summary>
    public string? Id { get; init; }

    /// <summary>Null for keys of old: as old as the organization.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Since when it seals, or did. Null for an organization's first, and for one that a later one overtook while it waited.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }
}
