namespace SecretFunctions.Core.Issuer;

/// <summary>
/// All signing keys in one row, so that every transition is one conditional write. Who signs at a given time follows from the times alone:
/// <see cref="KeyRing"/>.
/// </summary>
/// <param name="Keys">Those that may still be needed.</param>
/// <param name="Revoked">Ids of keys that must not come back, the newest last: one in a vault is still there.</param>
internal sealed record StoredKeyRing(IReadOnlyList<StoredSigningKey> Keys, IReadOnlyList<string> Revoked)
{
    private const int MaxRevoked = 200;

    public static StoredKeyRing Empty { get; } = new([], []);

    public StoredKeyRing With(StoredSigningKey key) => this with { Keys = [.. Keys.Where(other => other.KeyId != key.KeyId), key] };

    public StoredKeyRing Without(params IReadOnlyList<string> keyIds) => this with { Keys = [.. Keys.Where(key => !keyIds.Contains(key.KeyId))] };

    public StoredKeyRing Revoke(string keyId) =>
        Without(keyId) with { Revoked = [.. Revoked.Where(id => id != keyId).TakeLast(MaxRevoked - 1), keyId] };
}

/// <summary>A signing key as it lies in the store: its times, its public half, and its private half sealed or where it is.</summary>
/// <param name="KeyId">Its JWK thumbprint.</param>
/// <param name="PublishedAt">From then on others can know it.</param>
/// <param name="ActivatesAt">From then on it signs, until a later one does.</param>
internal sealed record StoredSigningKey(string KeyId, int Bits, DateTimeOffset PublishedAt, DateTimeOffset ActivatesAt)
{
    public SealedPrivateKey? Private { get; init; }

    public RemotePrivateKey? Remote { get; init; }
}

/// <param name="RootKeyId">Which root key wrapped the data key.</param>
/// <param name="DataKey">Wrapped, with what it is for.</param>
/// <param name="Sealed">PKCS#8, under the data key.</param>
internal sealed record SealedPrivateKey(string RootKeyId, byte[] DataKey, byte[] Sealed);

/// <summary>A version of the operator's key in a vault.</summary>
internal sealed record RemotePrivateKey(string Address, string Version);
