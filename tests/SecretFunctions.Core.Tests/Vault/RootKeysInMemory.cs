using System.Security.Cryptography;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Vault;

/// <summary>Root keys as a file would hold them, the newest first.</summary>
internal sealed class RootKeysInMemory : IRootKeySource
{
    private List<LocalRootKey> _keys = [New()];

    public RootKeysInMemory()
    {
    }

    private RootKeysInMemory(IEnumerable<LocalRootKey> keys) => _keys = [.. keys];

    public IReadOnlyList<string> Ids => [.. _keys.Select(static key => key.Id)];

    public IRootKey? Find(string id) => _keys.Find(key => key.Id == id);

    public IRootKey Next(string current)
    {
        if (_keys[0].Id == current)
        {
            _keys = [New(), .. _keys];
        }

        return _keys[0];
    }

    /// <summary>As the file was, or will be when somebody has taken lines out.</summary>
    public RootKeysInMemory With(params string[] ids) => new(_keys.Where(key => ids.Contains(key.Id)));

    private static LocalRootKey New() => new(RandomNumberGenerator.GetBytes(LocalRootKey.KeyBytes));
}

/// <summary>A root key with versions, as one in a cloud's vault: the newest wraps, and each opens what it wrapped while it is enabled.</summary>
internal sealed class VersionedRootKey : IRootKey
{
    private readonly List<LocalRootKey> _versions = [];

    public VersionedRootKey() => AddVersion();

    public string Id => "key-vault:acme/root";

    public string Kind => "key-vault";

    public HashSet<int> Disabled { get; } = [];

    public void AddVersion() => _versions.Add(new LocalRootKey(RandomNumberGenerator.GetBytes(LocalRootKey.KeyBytes)));

    public async Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken) =>
        [(byte)_versions.Count, .. await _versions[^1].WrapAsync(plaintext, cancellationToken)];

    public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken) => wrapped.Span[0] > _versions.Count || Disabled.Contains(wrapped.Span[0])
        ? throw new RootKeyException("The version is disabled, or there is none.")
        : _versions[wrapped.Span[0] - 1].UnwrapAsync(wrapped[1..], cancellationToken);

    public string? VersionOf(ReadOnlySpan<byte> wrapped) => wrapped[0] <= _versions.Count ? $"v{wrapped[0]}" : throw new RootKeyException("Another key wrapped this.");
}
