using System.Text.Json.Serialization;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>
/// An organization's sealing keys: one row, oldest first, so that a rotation is one conditional write. Which key is offered and which are accepted
/// follows from their order and times. None is ever taken out: values that were sealed for it are not rewritten.
/// </summary>
internal sealed record StoredSealingKeys(IReadOnlyList<StoredSealingKey> Keys)
{
    /// <summary>How long values for the key before are accepted: who has fetched it may be about to use it.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    [JsonIgnore]
    public StoredSealingKey Current => Keys[^1];

    /// <summary>From when on it was no longer offered; null while it is.</summary>
    public DateTimeOffset? RetiresAt(int index) => index + 1 < Keys.Count ? Keys[index + 1].CreatedAt : null;

    public bool Accepts(int index, DateTimeOffset now) => RetiresAt(index) is not { } retired || now < retired + Overlap;

    public int Find(string keyId)
    {
        for (var index = Keys.Count - 1; index >= 0; index--)
        {
            if (Keys[index].KeyId == keyId)
            {
                return index;
            }
        }

        return -1;
    }
}

/// <param name="KeyId">Its JWK thumbprint (RFC 7638).</param>
/// <param name="Private">PKCS#8, in an <see cref="Envelope"/> bound to the organization and the key id.</param>
internal sealed record StoredSealingKey(string KeyId, int Bits, DateTimeOffset CreatedAt, byte[] Private)
{
    public SealContext Context(string organizationId) => new(organizationId, $"sealing-key/{KeyId}", 1);
}
