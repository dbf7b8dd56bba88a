using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SecretFunctions.Core.Issuer;

/// <summary>A private key in memory, unwrapped. Safe for concurrent use, without a lock: each signature has a handle of its own.</summary>
internal sealed class LocalSigner : ISigner, IDisposable
{
    private readonly byte[] _pkcs8;

    // The platform's keys take one caller at a time. There are as many as there were signatures at once.
    private readonly ConcurrentBag<RSA> _idle = [];

    /// <summary>Copies the key; the caller clears its own buffer.</summary>
    /// <exception cref="CryptographicException">It is no RSA key.</exception>
    public LocalSigner(ReadOnlySpan<byte> pkcs8)
    {
        _pkcs8 = GC.AllocateUninitializedArray<byte>(pkcs8.Length, pinned: true);
        pkcs8.CopyTo(_pkcs8);
        var rsa = Import();
        PublicKey = PublicKeyOf(rsa);
        _idle.Add(rsa);
    }

    public RsaPublicKey PublicKey { get; }

    public static RsaPublicKey PublicKeyOf(RSA rsa)
    {
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return new RsaPublicKey(parameters.Modulus!, parameters.Exponent!);
    }

    public Task<Result<byte[]>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_idle.TryTake(out var rsa))
        {
            rsa = Import();
        }

        try
        {
            return Task.FromResult<Result<byte[]>>(rsa.SignHash(digest.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
        finally
        {
            _idle.Add(rsa);
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_pkcs8);
        while (_idle.TryTake(out var rsa))
        {
            rsa.Dispose();
        }
    }

    private RSA Import()
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(_pkcs8, out _);
        return rsa;
    }
}
