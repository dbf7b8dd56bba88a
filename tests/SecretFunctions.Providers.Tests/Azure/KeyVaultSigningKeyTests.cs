using System.Security.Cryptography;
using Azure.Core;
using Azure.Identity;
using SecretFunctions.Core;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>A key that signs and never leaves its vault.</summary>
public sealed class KeyVaultSigningKeyTests : AzureTest
{
    private static readonly byte[] Digest = SHA256.HashData("header.payload"u8);

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task It_signs_and_the_public_key_verifies()
    {
        var version = Vault.Keys.Add("issuer");
        var key = Key();
        var newest = await NewestAsync(key);

        newest.Version.ShouldBe(version);
        var signer = Value(await key.OpenAsync(newest.Version, None));
        signer.PublicKey.KeyId.ShouldBe(newest.PublicKey.KeyId);
        var signature = Value(await signer.SignAsync(Digest, None));
        signer.PublicKey.Verifies(Digest, signature).ShouldBeTrue();
        Vault.Requests.ShouldBe(["GET keys/issuer", $"GET keys/issuer/{version}", $"POST keys/issuer/{version}/sign"]);
    }

    [Fact]
    public async Task An_earlier_version_signs_on_beside_a_newer_one()
    {
        var first = Vault.Keys.Add("issuer");
        var key = Key();
        var signer = Value(await key.OpenAsync(first, None));
        var second = Vault.Keys.Add("issuer", 3072);

        var newest = await NewestAsync(key);

        (newest.Version, newest.PublicKey.Bits).ShouldBe((second, 3072));
        var signature = Value(await signer.SignAsync(Digest, None));
        signer.PublicKey.Verifies(Digest, signature).ShouldBeTrue();
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_code_and_remedy()
    {
        var signer = Value(await Key().OpenAsync(Vault.Keys.Add("issuer"), None));
        Vault.Keys.RefusesSigning = true;

        var failure = (await signer.SignAsync(Digest, None)).Failure.ShouldNotBeNull();

        (failure.Kind, failure.Code, failure.ProviderCode).ShouldBe((FailureKind.Unavailable, "issuer.key_unavailable", "ForbiddenByRbac"));
        failure.Hint.ShouldNotBeNull().ShouldContain("Key Vault Crypto User");
    }

    [Fact]
    public async Task A_key_that_is_missing_and_one_that_is_no_RSA_key_are_told()
    {
        (await Key().GetNewestAsync(None)).Failure.ShouldNotBeNull().ProviderCode.ShouldBe("KeyNotFound");

        Vault.Faults.NextAt("/keys", static context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
            context.Response, """{"key":{"kid":"https://v/keys/issuer/1","kty":"EC"},"attributes":{"enabled":true}}"""));
        (await Key().GetNewestAsync(None)).Failure.ShouldNotBeNull().Detail.ShouldContain("no enabled RSA key");
    }

    [Fact]
    public async Task A_vault_that_is_busy_is_asked_again()
    {
        Vault.Keys.Add("issuer");
        Vault.Faults.AnswerNext(429, KeyVaultDouble.ErrorBody("Throttled", "Too many."), retryAfter: TimeSpan.FromSeconds(0));

        await NewestAsync(Key());
    }

    [Fact]
    public async Task An_identity_that_gets_no_token_is_told_without_the_library_s_words()
    {
        var failure = (await Fixture.SigningKeyAs(new Refusing(), "issuer").GetNewestAsync(None)).Failure.ShouldNotBeNull();

        failure.Code.ShouldBe("issuer.key_unavailable");
        failure.ToString().ShouldNotContain("169.254");
    }

    [Theory]
    [InlineData("https://acme.vault.azure.net/keys/issuer", true)]
    [InlineData("https://acme.vault.azure.cn/keys/issuer", true)]
    [InlineData("https://vault.internal/keys/issuer", true)] // named by the operator
    [InlineData("http://acme.vault.azure.net/keys/issuer", false)]
    [InlineData("https://acme.vault.azure.net/keys/issuer/0123456789abcdef0123456789abcdef", false)]
    [InlineData("https://acme.vault.azure.net/secrets/issuer", false)]
    [InlineData("https://acme.vault.azure.net/keys/issuer?x=1", false)]
    [InlineData("https://acme.vault.azure.net.evil.example/keys/issuer", false)]
    [InlineData("https://user@acme.vault.azure.net/keys/issuer", false)]
    [InlineData("issuer", false)]
    public void An_address_is_that_of_a_key_in_a_vault(string text, bool isAddress) =>
        KeyVaultSigningKey.IsAddress(text, new ProviderHttpOptions { AllowedHosts = { "vault.internal" } }).ShouldBe(isAddress);

    private KeyVaultSigningKey Key() => Fixture.SigningKeyAs(
        new ClientSecretCredential(Entra.TenantId, AzureFixture.ClientId, Fixture.Canaries[0], Fixture.EntraOptions()), "issuer");

    private static async Task<RemoteKeyVersion> NewestAsync(KeyVaultSigningKey key) => Value(await key.GetNewestAsync(None));

    private static T Value<T>(Result<T> result)
    {
        result.TryGet(out var value, out var failure).ShouldBeTrue($"{failure}");
        return value!;
    }

    private sealed class Refusing : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("IMDS is not there: http://169.254.169.254");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("IMDS is not there: http://169.254.169.254");
    }
}
