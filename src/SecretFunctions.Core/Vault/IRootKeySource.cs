namespace SecretFunctions.Core.Vault;

/// <summary>Where root keys are kept: a file, which may hold several, or a key in a cloud's vault, which has versions of its own. Safe for concurrent use.</summary>
public interface IRootKeySource
{
    /// <summary>The keys that are at hand, the newest first; at least one.</summary>
    IReadOnlyList<string> Ids { get; }

    /// <summary>The key with this id, or null. Looks again where keys are kept before it says so: another process may have added one.</summary>
    /// <exception cref="RootKeyException">Where keys are kept cannot be read.</exception>
    IRootKey? Find(string id);

    /// <summary>
    /// The key that takes the place of <paramref name="current"/>: the newest there is, or one made now where that is the current one itself. It will
    /// not be lost once this returns. Where the key has versions it is the same key, whose newest version wraps.
    /// </summary>
    /// <exception cref="RootKeyException">None can be made, or kept.</exception>
    IRootKey Next(string current);
}

/// <summary>One key and no other: it is rotated where it is kept, if it has versions.</summary>
public sealed class SingleRootKey(IRootKey key) : IRootKeySource
{
    public IReadOnlyList<string> Ids { get; } = [key.Id];

    public IRootKey? Find(string id) => id == key.Id ? key : null;

    public IRootKey Next(string current) => key;
}
