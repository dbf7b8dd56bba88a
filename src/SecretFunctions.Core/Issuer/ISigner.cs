namespace SecretFunctions.Core.Issuer;

/// <summary>One key that signs RS256: in this process, or in a cloud's vault that it never leaves. Safe for concurrent use.</summary>
public interface ISigner
{
    RsaPublicKey PublicKey { get; }

    /// <summary>RSASSA-PKCS1-v1_5 over a SHA-256 digest (RFC 7518 §3.3).</summary>
    /// <returns>The signature; or Unavailable, where the key is elsewhere and cannot be used.</returns>
    Task<Result<byte[]>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken);
}

/// <summary>The operator's signing key in a cloud's vault, with its versions: its owner rotates it there. Safe for concurrent use.</summary>
public interface IRemoteSigningKey
{
    /// <summary>The key without a version: 1 to 300 printable ASCII characters. Keys of another address are not this one's.</summary>
    string Address { get; }

    /// <summary>The newest version that may sign, and its name.</summary>
    Task<Result<RemoteKeyVersion>> GetNewestAsync(CancellationToken cancellationToken);

    /// <summary>One version, with its public key as the vault has it.</summary>
    Task<Result<ISigner>> OpenAsync(string version, CancellationToken cancellationToken);
}

/// <param name="Version">As the vault names it.</param>
public sealed record RemoteKeyVersion(string Version, RsaPublicKey PublicKey);
