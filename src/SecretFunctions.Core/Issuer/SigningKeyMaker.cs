using System.Security.Cryptography;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Issuer;

/// <summary>Makes signing keys and opens them: here under the root key, or in the operator's vault where there is one. Safe for concurrent use.</summary>
/// <param name="remote">The operator's key in a vault; null where keys are made here.</param>
public sealed class SigningKeyMaker(RootKeys rootKeys, IssuerOptions options, IRemoteSigningKey? remote)
{
    /// <summary>Whether new keys come from a vault, where their owner makes them.</summary>
    internal bool IsRemote => remote is not null;

    /// <summary>Not a version of a vault's key that is no longer configured: nobody could say whether its public key is right.</summary>
    internal bool CanUse(StoredSigningKey key) => key.Remote is null || key.Remote.Address == remote?.Address;

    /// <summary>A key that is not in use yet. In a vault that is its newest version, if it is a new one.</summary>
    internal async Task<Result<StoredSigningKey>> MakeAsync(
        StoredKeyRing ring, DateTimeOffset now, DateTimeOffset activatesAt, CancellationToken cancellationToken)
    {
        if (remote is null)
        {
            return await MakeLocalAsync(now, activatesAt, cancellationToken);
        }

        if (!(await remote.GetNewestAsync(cancellationToken)).TryGet(out var newest, out var failure))
        {
            return failure;
        }

        var keyId = newest.PublicKey.KeyId;
        var used = new KeyRing(ring.Keys.Where(CanUse));
        return ring.Revoked.Contains(keyId) || used.ActiveAt(now)?.KeyId == keyId || used.NextAt(now)?.KeyId == keyId
            ? NoNewVersion
            : new StoredSigningKey(keyId, newest.PublicKey.Bits, now, activatesAt) { Remote = new RemotePrivateKey(remote.Address, newest.Version) };
    }

    /// <exception cref="RootKeyException">It cannot be unwrapped, or is not what it says it is.</exception>
    internal async Task<Result<ISigner>> OpenAsync(StoredSigningKey key, CancellationToken cancellationToken)
    {
        if (key.Remote is { } reference)
        {
            // The vault's word on its public key, not the row's: what is published here, clouds believe.
            var opened = await remote!.OpenAsync(reference.Version, cancellationToken);
            return !opened.TryGet(out var signer, out var failure) ? failure
                : signer.PublicKey.KeyId == key.KeyId ? opened
                : throw new RootKeyException("A stored signing key is not the one that the vault has under its version: the store was changed by hand.");
        }

        return key.Private is { } sealedKey
            ? Result.Of<ISigner>(await SigningKeySeal.OpenAsync(rootKeys.Get(sealedKey.RootKeyId), key.KeyId, sealedKey, cancellationToken))
            : throw new RootKeyException("A stored signing key has no private half: the store was changed by hand.");
    }

    internal static Failure NoNewVersion { get; } = Failure.Conflict(
        "signing_key.no_new_version", "The newest version of the signing key in Key Vault is in use already, or was revoked.") with
    {
        Hint = "Make a new version in Key Vault first: az keyvault key rotate --id KEY.",
    };

    private async Task<Result<StoredSigningKey>> MakeLocalAsync(DateTimeOffset now, DateTimeOffset activatesAt, CancellationToken cancellationToken)
    {
        // Seconds of computing for the larger sizes: not on a request's own thread.
        using var rsa = await Task.Run(() => RSA.Create(options.KeyBits), cancellationToken);
        var publicKey = LocalSigner.PublicKeyOf(rsa);
        var pkcs8 = rsa.ExportPkcs8PrivateKey();
        try
        {
            var sealedKey = await SigningKeySeal.SealAsync(await rootKeys.GetCurrentAsync(cancellationToken), publicKey.KeyId, pkcs8, cancellationToken);
            return new StoredSigningKey(publicKey.KeyId, publicKey.Bits, now, activatesAt) { Private = sealedKey };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }
}
