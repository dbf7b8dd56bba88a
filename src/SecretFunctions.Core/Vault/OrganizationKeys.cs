using System.Security.Cryptography;
using System.Text;

namespace SecretFunctions.Core.Vault;

/// <summary>
/// An organization's keys, unwrapped and in memory: the wrapping keys by version, and what is derived from its identity key. Safe
/// for concurrent use. Without the row they come from, nothing of the organization can be opened again.
/// </summary>
public sealed class OrganizationKeys
{
    private const int BoundKeyBytes = AesGcmSizes.Key + SHA256.HashSizeInBytes;

    /// <summary>12 hex digits: enough to see that a value changed, too few to search for one.</summary>
    private const int FingerprintBytes = 6;

    private readonly IReadOnlyDictionary<int, byte[]> _wrapping;
    private readonly byte[] _fingerprintKey;
    private readonly byte[] _cursorKey;

    /// <param name="wrapping">32-byte wrapping keys by version, at least one.</param>
    /// <param name="identity">
    /// 32 bytes that stay for the organization's life: rotating a wrapping key must not change every fingerprint.
    /// </param>
    internal OrganizationKeys(IReadOnlyDictionary<int, byte[]> wrapping, ReadOnlySpan<byte> identity)
    {
        _wrapping = wrapping;
        CurrentVersion = wrapping.Keys.Max();
        _fingerprintKey = Derive(identity, "secretfunctions.fingerprint.v1");
        _cursorKey = Derive(identity, "secretfunctions.cursor.v1");
        Audit = new AuditKey(Derive(identity, "secretfunctions.audit.v1"));
    }

    public int CurrentVersion { get; }

    /// <summary>Of the organization's audit log. The same whatever keys are rotated.</summary>
    public AuditKey Audit { get; }

    /// <summary>The first 12 hex digits of HMAC-SHA-256 of the value: equal for equal values of one organization, and telling nothing else.</summary>
    public string Fingerprint(ReadOnlySpan<byte> value)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_fingerprintKey, value, mac);
        return Convert.ToHexStringLower(mac[..FingerprintBytes]);
    }

    /// <summary>Authenticates a cursor we hand out, so that one from another list or organization is recognized.</summary>
    public byte[] AuthenticateCursor(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_cursorKey, content);

    internal AesGcm? CreateWrap(int version) =>
        _wrapping.TryGetValue(version, out var key) ? new AesGcm(key, AesGcmSizes.Tag) : null;

    /// <summary>A new organization's keys, wrapped for its row.</summary>
    internal static async Task<StoredOrganizationKeys> CreateAsync(IRootKey root, string organizationId, CancellationToken cancellationToken) =>
        new(
            root.Id,
            [new StoredKey(1, await WrapNewAsync(root, Binding(organizationId, "wrapping", 1), cancellationToken))],
            await WrapNewAsync(root, Binding(organizationId, "identity", 1), cancellationToken));

    /// <exception cref="RootKeyException">Another root key wrapped them, they belong to another organization, or they were changed.</exception>
    internal static async Task<OrganizationKeys> UnwrapAsync(
        IRootKey root, string organizationId, StoredOrganizationKeys stored, CancellationToken cancellationToken)
    {
        var wrapping = new Dictionary<int, byte[]>();
        foreach (var key in stored.Wrapping)
        {
            wrapping[key.Version] = await UnwrapAsync(root, key.Wrapped, Binding(organizationId, "wrapping", key.Version), cancellationToken);
        }

        var identity = await UnwrapAsync(root, stored.Identity, Binding(organizationId, "identity", 1), cancellationToken);
        try
        {
            return new OrganizationKeys(wrapping, identity);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(identity);
        }
    }

    /// <summary>
    /// What a wrapped key is for. Root keys in a cloud take no additional data, so it is wrapped beside the key and compared afterwards.
    /// </summary>
    private static byte[] Binding(string organizationId, string purpose, int version) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"secretfunctions.organization-key.v1\n{organizationId}\n{purpose}\n{version}"));

    private static async Task<byte[]> WrapNewAsync(IRootKey root, byte[] binding, CancellationToken cancellationToken)
    {
        var bound = GC.AllocateUninitializedArray<byte>(BoundKeyBytes, pinned: true);
        try
        {
            RandomNumberGenerator.Fill(bound.AsSpan(0, AesGcmSizes.Key));
            binding.CopyTo(bound, AesGcmSizes.Key);
            return await root.WrapAsync(bound, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    private static async Task<byte[]> UnwrapAsync(IRootKey root, byte[] wrapped, byte[] binding, CancellationToken cancellationToken)
    {
        var bound = await root.UnwrapAsync(wrapped, cancellationToken);
        try
        {
            if (bound.Length != BoundKeyBytes || !CryptographicOperations.FixedTimeEquals(bound.AsSpan(AesGcmSizes.Key), binding))
            {
                throw new RootKeyException("A stored key belongs to another organization or purpose: the store was changed by hand.");
            }

            var key = GC.AllocateUninitializedArray<byte>(AesGcmSizes.Key, pinned: true);
            bound.AsSpan(0, AesGcmSizes.Key).CopyTo(key);
            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    private static byte[] Derive(ReadOnlySpan<byte> identity, string label)
    {
        var key = GC.AllocateUninitializedArray<byte>(AesGcmSizes.Key, pinned: true);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, identity, key, salt: default, Encoding.UTF8.GetBytes(label));
        return key;
    }
}

/// <summary>The row that holds an organization's keys. Deleting it is what destroys the organization.</summary>
/// <param name="RootKeyId">Which root key wrapped them.</param>
internal sealed record StoredOrganizationKeys(string RootKeyId, IReadOnlyList<StoredKey> Wrapping, byte[] Identity);

internal sealed record StoredKey(int Version, byte[] Wrapped);
