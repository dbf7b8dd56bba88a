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

    private const int IdLength = 16;

    private readonly IReadOnlyDictionary<int, WrappingKey> _wrapping;
    private readonly byte[] _fingerprintKey;
    private readonly byte[] _cursorKey;
    private readonly byte[] _personalNameKey;

    /// <summary>With these 32-byte wrapping keys by version, of which the last seals: for the test vectors.</summary>
    internal OrganizationKeys(IReadOnlyDictionary<int, byte[]> wrapping, ReadOnlySpan<byte> identity)
        : this(
            wrapping.ToDictionary(static key => key.Key, static key => new WrappingKey(key.Value, null)),
            wrapping.Keys.Max(),
            Derive(identity, "secretfunctions.fingerprint.v1"),
            Derive(identity, "secretfunctions.cursor.v1"),
            Derive(identity, "secretfunctions.personal-name.v1"),
            new AuditKey(Derive(identity, "secretfunctions.audit.v1")))
    {
    }

    private OrganizationKeys(
        IReadOnlyDictionary<int, WrappingKey> wrapping, int currentVersion, byte[] fingerprintKey, byte[] cursorKey, byte[] personalNameKey, AuditKey audit)
    {
        _wrapping = wrapping;
        CurrentVersion = currentVersion;
        _fingerprintKey = fingerprintKey;
        _cursorKey = cursorKey;
        _personalNameKey = personalNameKey;
        Audit = audit;
    }

    /// <summary>The version that seals. There may be a later one, which waits until every instance knows it.</summary>
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

    /// <summary>Stands for the name of a member's personal variable where others read along. The key is of no other use, so that nobody can try names.</summary>
    internal string PersonalName(string memberId, string key) =>
        "personal:" + Convert.ToHexStringLower(HMACSHA256.HashData(_personalNameKey, Encoding.UTF8.GetBytes($"{memberId}\n{key}")).AsSpan(0, FingerprintBytes));

    /// <summary>Authenticates a cursor we hand out, so that one from another list or organization is recognized.</summary>
    public byte[] AuthenticateCursor(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_cursorKey, content);

    internal AesGcm? CreateWrap(int version) =>
        _wrapping.TryGetValue(version, out var key) ? new AesGcm(key.Bytes, AesGcmSizes.Tag) : null;

    internal bool Has(int version) => _wrapping.ContainsKey(version);

    /// <summary>A new organization's keys, wrapped for its row.</summary>
    internal static async Task<StoredOrganizationKeys> CreateAsync(
        IRootKey root, string organizationId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var first = await CreateVersionAsync(root, organizationId, 1, now, cancellationToken);
        return new(root.Id, [first], await WrapNewAsync(root, Binding(organizationId, "identity", 1), cancellationToken)) { Current = first.Version };
    }

    /// <summary>One more wrapping key, to wait for its turn.</summary>
    /// <param name="version">One that this organization never had.</param>
    internal static async Task<StoredKey> CreateVersionAsync(
        IRootKey root, string organizationId, int version, DateTimeOffset now, CancellationToken cancellationToken) =>
        new(version, await WrapNewAsync(root, Binding(organizationId, "wrapping", version), cancellationToken))
        {
            Id = NewId(),
            CreatedAt = now,
        };

    /// <param name="known">
    /// As unwrapped before, or null. Keys that are in it are taken from it: unwrapping may be a call to a cloud's vault, and a row that another
    /// root key wraps by now, or that has one version more, must make nobody wait for all of them again.
    /// </param>
    /// <exception cref="RootKeyException">Another root key wrapped them, they belong to another organization, or they were changed.</exception>
    internal static async Task<OrganizationKeys> UnwrapAsync(
        IRootKey root, string organizationId, StoredOrganizationKeys stored, OrganizationKeys? known, CancellationToken cancellationToken)
    {
        var wrapping = new Dictionary<int, WrappingKey>();
        var anyKnown = false;
        foreach (var key in stored.Wrapping)
        {
            // By the random id beside the version: after a backup was restored, a version may be another key than the one in memory.
            if (key.Id is not null && known?._wrapping.GetValueOrDefault(key.Version) is { } same && same.Id == key.Id)
            {
                wrapping[key.Version] = same;
                anyKnown = true;
            }
            else
            {
                var bytes = await UnwrapAsync(root, key.Wrapped, Binding(organizationId, "wrapping", key.Version), cancellationToken);
                wrapping[key.Version] = new WrappingKey(bytes, key.Id);
            }
        }

        if (anyKnown)
        {
            // One organization has one identity for its life.
            return new OrganizationKeys(wrapping, stored.CurrentVersion, known!._fingerprintKey, known._cursorKey, known._personalNameKey, known.Audit);
        }

        var identity = await UnwrapAsync(root, stored.Identity, Binding(organizationId, "identity", 1), cancellationToken);
        try
        {
            // The identity key itself stays as it is: rotating a wrapping key must not change every fingerprint.
            return new OrganizationKeys(
                wrapping,
                stored.CurrentVersion,
                Derive(identity, "secretfunctions.fingerprint.v1"),
                Derive(identity, "secretfunctions.cursor.v1"),
                Derive(identity, "secretfunctions.personal-name.v1"),
                new AuditKey(Derive(identity, "secretfunctions.audit.v1")));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(identity);
        }
    }

    /// <summary>
    /// The same keys under another root key. Each is unwrapped, held against what it is for, and wrapped together with that again: with a nonce of its
    /// own where the root key needs one.
    /// </summary>
    /// <exception cref="RootKeyException">See <see cref="UnwrapAsync(IRootKey, string, StoredOrganizationKeys, OrganizationKeys, CancellationToken)"/>.</exception>
    internal static async Task<StoredOrganizationKeys> RewrapAsync(
        IRootKey from, IRootKey to, string organizationId, StoredOrganizationKeys stored, CancellationToken cancellationToken)
    {
        var wrapping = new List<StoredKey>();
        foreach (var key in stored.Wrapping)
        {
            wrapping.Add(key with
            {
                Wrapped = await RewrapAsync(from, to, key.Wrapped, Binding(organizationId, "wrapping", key.Version), cancellationToken),
                Id = key.Id ?? NewId(),
            });
        }

        return stored with
        {
            RootKeyId = to.Id,
            Wrapping = wrapping,
            Identity = await RewrapAsync(from, to, stored.Identity, Binding(organizationId, "identity", 1), cancellationToken),
        };
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

    private static string NewId() => RandomNumberGenerator.GetHexString(IdLength, lowercase: true);

    private static async Task<byte[]> RewrapAsync(IRootKey from, IRootKey to, byte[] wrapped, byte[] binding, CancellationToken cancellationToken)
    {
        var bound = await from.UnwrapAsync(wrapped, cancellationToken);
        try
        {
            ThrowUnlessBound(bound, binding);
            return await to.WrapAsync(bound, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    private static void ThrowUnlessBound(byte[] bound, byte[] binding)
    {
        if (bound.Length != BoundKeyBytes || !CryptographicOperations.FixedTimeEquals(bound.AsSpan(AesGcmSizes.Key), binding))
        {
            throw new RootKeyException("A stored key belongs to another organization or purpose: the store was changed by hand.");
        }
    }

    private static async Task<byte[]> UnwrapAsync(IRootKey root, byte[] wrapped, byte[] binding, CancellationToken cancellationToken)
    {
        var bound = await root.UnwrapAsync(wrapped, cancellationToken);
        try
        {
            ThrowUnlessBound(bound, binding);
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

    /// <param name="Id">See <see cref="StoredKey"/>.</param>
    private sealed record WrappingKey(byte[] Bytes, string? Id);
}
