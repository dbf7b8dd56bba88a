namespace SecretFunctions.Core.Vault;

/// <summary>
/// The top of the key hierarchy: wraps organization keys and the data keys of signing keys, and nothing else. A file's key in this process, or a key
/// that never leaves a cloud's vault. Safe for concurrent use.
/// </summary>
public interface IRootKey
{
    /// <summary>Names the key without telling anything about it; stored beside what it wrapped. 1 to 128 printable ASCII characters.</summary>
    string Id { get; }

    /// <summary>What the key consists of: <c>file</c> or <c>key-vault</c>.</summary>
    string Kind => "file";

    /// <param name="plaintext">At most 64 bytes: RSA-OAEP-256 under a 2048-bit key takes 190.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RootKeyException">The key could not be used.</exception>
    Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken);

    /// <exception cref="RootKeyException">The key could not be used, or this was wrapped by another key or changed since.</exception>
    Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken);

    /// <summary>Which of the key's versions wrapped this; null where it has none, and another key takes its place when it is rotated.</summary>
    /// <exception cref="RootKeyException">Another key wrapped this, or it was changed since.</exception>
    string? VersionOf(ReadOnlySpan<byte> wrapped) => null;
}

/// <summary>The root key cannot be used, or does not fit what is stored. The message is safe to show and log.</summary>
public sealed class RootKeyException(string message, Exception? innerException = null) : Exception(message, innerException);
