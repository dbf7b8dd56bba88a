using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Vault;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Issuer;

public sealed class SigningKeySealTests : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);

    private static CancellationToken None => CancellationToken.None;

    private string KeyId => LocalSigner.PublicKeyOf(_rsa).KeyId;

    [Fact]
    public async Task A_sealed_key_opens_and_signs()
    {
        using var signer = await SigningKeySeal.OpenAsync(VaultVectors.RootKey, KeyId, await SealAsync(), None);

        var digest = SHA256.HashData("content"u8);
        var signature = (await signer.SignAsync(digest, None)).ShouldSucceed();
        signer.PublicKey.Verifies(digest, signature).ShouldBeTrue();
    }

    [Fact]
    public async Task It_does_not_open_as_another_key()
    {
        var stored = await SealAsync();

        await Should.ThrowAsync<RootKeyException>(SigningKeySeal.OpenAsync(VaultVectors.RootKey, KeyId[..^1] + "!", stored, None));
    }

    [Fact]
    public async Task Nor_do_halves_of_two_keys_open_together()
    {
        var stored = await SealAsync();
        var pkcs8 = _rsa.ExportPkcs8PrivateKey();
        var other = await SigningKeySeal.SealAsync(VaultVectors.RootKey, "other", pkcs8, None);

        await Should.ThrowAsync<RootKeyException>(SigningKeySeal.OpenAsync(VaultVectors.RootKey, KeyId, stored with { Sealed = other.Sealed }, None));
        await Should.ThrowAsync<RootKeyException>(SigningKeySeal.OpenAsync(VaultVectors.RootKey, KeyId, stored with { DataKey = other.DataKey }, None));
        await Should.ThrowAsync<RootKeyException>(SigningKeySeal.OpenAsync(VaultVectors.RootKey, "other", other, None));
    }

    [Fact]
    public async Task Nor_under_another_root_key_nor_changed()
    {
        var stored = await SealAsync();
        using var otherRoot = new LocalRootKey(RandomNumberGenerator.GetBytes(32));
        await Should.ThrowAsync<RootKeyException>(SigningKeySeal.OpenAsync(otherRoot, KeyId, stored, None));

        foreach (var place in new[] { 0, 1, 20, stored.Sealed.Length - 1 })
        {
            var changed = stored.Sealed.ToArray();
            changed[place] ^= 1;
            await Should.ThrowAsync<RootKeyException>(SigningKeySeal.OpenAsync(VaultVectors.RootKey, KeyId, stored with { Sealed = changed }, None));
        }

        await Should.ThrowAsync<RootKeyException>(SigningKeySeal.OpenAsync(VaultVectors.RootKey, KeyId, stored with { Sealed = stored.Sealed[..20] }, None));
    }

    [Fact]
    public async Task The_store_has_nothing_of_a_private_key_in_clear()
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        var stored = (await instance.RingAsync()).Document.Keys.Single();
        var pkcs8 = await OpenedAsync(stored);
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        var parameters = rsa.ExportParameters(includePrivateParameters: true);

        var rows = new StringBuilder();
        await foreach (var entity in instance.Shared.ReadAllAsync(new EntityRange("deployment", "!", "~"), 100, None))
        {
            rows.Append(Encoding.Latin1.GetString(entity.Data.Span)).Append('\n');
        }

        rows.ToString().ShouldContain(stored.KeyId);
        foreach (var secret in new[] { pkcs8, parameters.D!, parameters.P!, parameters.Q!, parameters.DP!, parameters.DQ!, parameters.InverseQ! })
        {
            var text = Convert.ToBase64String(secret)[..40];
            foreach (var form in new[] { Encoding.Latin1.GetString(secret), text, text.Replace('+', '-').Replace('/', '_'), text.Replace("+", "\\u002B", StringComparison.Ordinal), Convert.ToHexString(secret) })
            {
                rows.ToString().Contains(form, StringComparison.OrdinalIgnoreCase).ShouldBeFalse();
            }
        }
    }

    /// <summary>The thumbprint of RFC 7638 §3.1.</summary>
    [Fact]
    public void A_key_is_named_by_its_thumbprint() => new RsaPublicKey(
        System.Buffers.Text.Base64Url.DecodeFromChars(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
        [1, 0, 1]).KeyId.ShouldBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

    public void Dispose() => _rsa.Dispose();

    private Task<SealedPrivateKey> SealAsync() => SigningKeySeal.SealAsync(VaultVectors.RootKey, KeyId, _rsa.ExportPkcs8PrivateKey(), None);

    /// <summary>As whoever has the root key would get it, by the format that the class describes.</summary>
    private static async Task<byte[]> OpenedAsync(StoredSigningKey stored)
    {
        var sealedKey = stored.Private!.Sealed;
        var dataKey = await VaultVectors.RootKey.UnwrapAsync(stored.Private.DataKey, None);
        var pkcs8 = new byte[sealedKey.Length - 29];
        using var aes = new AesGcm(dataKey.AsSpan(0, 32), 16);
        aes.Decrypt(sealedKey.AsSpan(1, 12), sealedKey.AsSpan(13, pkcs8.Length), sealedKey.AsSpan(^16), pkcs8, Encoding.UTF8.GetBytes($"secretfunctions.signing-key.v1\n{stored.KeyId}"));
        return pkcs8;
    }
}
