using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Identity;
using SecretFunctions.Core.Vault;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>A key that wraps and unwraps, and never leaves its vault.</summary>
public sealed class KeyVaultRootKeyTests : AzureTest
{
    /// <summary>The largest that the port takes.</summary>
    private static readonly byte[] Plaintext = RandomNumberGenerator.GetBytes(64);

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task It_opens_what_it_wrapped_in_one_request_each()
    {
        var version = Vault.Keys.Add("root");
        var key = Key("root");

        var wrapped = await key.WrapAsync(Plaintext, None);

        (await key.UnwrapAsync(wrapped, None)).ShouldBe(Plaintext);
        Vault.Requests.ShouldBe(["POST keys/root/wrapkey", $"POST keys/root/{version}/unwrapkey"]);
    }

    [Fact]
    public async Task What_is_wrapped_names_the_version_and_holds_nothing_in_the_clear()
    {
        var version = Vault.Keys.Add("root");

        var wrapped = await Key("root").WrapAsync(Plaintext, None);

        wrapped[..2].ShouldBe([2, (byte)version.Length]);
        Encoding.ASCII.GetString(wrapped, 2, version.Length).ShouldBe(version);
        wrapped.Length.ShouldBe(2 + version.Length + 256);
        wrapped.AsSpan().IndexOf(Plaintext.AsSpan(0, 8)).ShouldBe(-1);
    }

    [Fact]
    public async Task After_a_rotation_the_new_version_wraps_and_the_old_one_still_opens()
    {
        var first = Vault.Keys.Add("root");
        var key = Key("root");
        var before = await key.WrapAsync(Plaintext, None);
        var second = Vault.Keys.Add("root", 3072);

        var after = await key.WrapAsync(Plaintext, None);

        Encoding.ASCII.GetString(after, 2, second.Length).ShouldBe(second);
        (await key.UnwrapAsync(before, None)).ShouldBe(Plaintext);
        (await Key("root").UnwrapAsync(after, None)).ShouldBe(Plaintext);
        Vault.Requests.ShouldContain($"POST keys/root/{first}/unwrapkey");
    }

    [Fact]
    public async Task A_version_in_the_setting_wraps_although_there_is_a_newer_one()
    {
        var first = Vault.Keys.Add("root");
        var second = Vault.Keys.Add("root");
        var byTheNewest = await Key("root").WrapAsync(Plaintext, None);
        var pinned = Key($"root/{first}");

        var wrapped = await pinned.WrapAsync(Plaintext, None);

        Encoding.ASCII.GetString(wrapped, 2, first.Length).ShouldBe(first);
        (await pinned.UnwrapAsync(byTheNewest, None)).ShouldBe(Plaintext);
        Vault.Requests.ShouldContain($"POST keys/root/{second}/unwrapkey");
        pinned.Id.ShouldBe(Key("root").Id);
    }

    [Fact]
    public void It_is_known_by_vault_and_name()
    {
        Key("root").Id.ShouldBe($"key-vault:{Vault.Address.Authority}/root");
        Key("ROOT").Id.ShouldBe(Key("root").Id, "a vault compares names without case");
        Key("other").Id.ShouldNotBe(Key("root").Id);
        Key("https://acme.vault.azure.net/keys/root").Id.ShouldBe("key-vault:acme.vault.azure.net/root");
    }

    [Fact]
    public void An_id_of_a_long_name_is_cut_to_size_and_still_its_own()
    {
        var name = new string('k', 127);
        var id = Key(name).Id;

        id.Length.ShouldBeLessThanOrEqualTo(128);
        id.ShouldAllBe(letter => letter > ' ' && letter < '\x7f');
        id.ShouldBe(Key(name.ToUpperInvariant()).Id);
        id.ShouldNotBe(Key(name[..^1] + "j").Id);
    }

    [Fact]
    public async Task A_restored_copy_is_known_as_the_key_it_was()
    {
        Vault.Keys.Add("copy");
        var key = Fixture.RootKeyAs(Identity(), "copy", "https://lost.vault.azure.net/keys/root");

        key.Id.ShouldBe("key-vault:lost.vault.azure.net/root");
        (await key.UnwrapAsync(await key.WrapAsync(Plaintext, None), None)).ShouldBe(Plaintext);
    }

    [Fact]
    public async Task A_missing_permission_is_told_with_its_remedy()
    {
        Vault.Keys.Add("root");
        var wrapped = await Key("root").WrapAsync(Plaintext, None);
        Vault.Keys.RefusesWrapping = true;

        await ShouldBeToldAsync(() => Key("root").WrapAsync(Plaintext, None), "may not wrap with it; give it the role \"Key Vault Crypto Service Encryption User\"");
        await ShouldBeToldAsync(() => Key("root").UnwrapAsync(wrapped, None), "may not unwrap with it");
    }

    [Fact]
    public async Task A_disabled_version_is_named()
    {
        var first = Vault.Keys.Add("root");
        var wrapped = await Key("root").WrapAsync(Plaintext, None);
        Vault.Keys.Add("root");
        Vault.Keys.Disable(first);

        await ShouldBeToldAsync(() => Key("root").UnwrapAsync(wrapped, None), $"version {first} is disabled");
        await Key("root").WrapAsync(Plaintext, None);
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_told()
    {
        await ShouldBeToldAsync(() => Key("root").WrapAsync(Plaintext, None), "its current version is not in the vault");
    }

    [Fact]
    public async Task Another_key_of_the_same_name_is_told_from_the_one_that_wrapped()
    {
        var version = Vault.Keys.Add("root");
        var wrapped = await Key("root").WrapAsync(Plaintext, None);
        Vault.Keys.Delete("root");
        Vault.Keys.Add("root");

        await ShouldBeToldAsync(() => Key("root").UnwrapAsync(wrapped, None), $"it has no version {version}, which stored keys need: this is another key or vault");
    }

    [Fact]
    public async Task A_changed_blob_does_not_open()
    {
        Vault.Keys.Add("root");
        var wrapped = await Key("root").WrapAsync(Plaintext, None);
        wrapped[^1] ^= 1;

        await ShouldBeToldAsync(() => Key("root").UnwrapAsync(wrapped, None), "the data was changed");
    }

    [Fact]
    public async Task Another_version_in_the_blob_opens_nothing()
    {
        var first = Vault.Keys.Add("root");
        var wrapped = await Key("root").WrapAsync(Plaintext, None);
        var second = Vault.Keys.Add("root");
        second.Length.ShouldBe(first.Length);
        Encoding.ASCII.GetBytes(second).CopyTo(wrapped, 2);

        await ShouldBeToldAsync(() => Key("root").UnwrapAsync(wrapped, None), "the data was changed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("0200AA")] // no version
    [InlineData("020161")] // nothing wrapped
    [InlineData("0241616161")] // longer than it is
    [InlineData("010161AA")] // a file's key
    [InlineData("02022F2EAA")] // a version that would lead elsewhere: "/."
    [InlineData("02013FAA")] // "?"
    public async Task What_no_key_in_a_vault_wrapped_is_not_even_sent(string hex)
    {
        var exception = await Should.ThrowAsync<RootKeyException>(() => Key("root").UnwrapAsync(Convert.FromHexString(hex), None));

        exception.Message.ShouldStartWith("A wrapped key is not in a format");
        Vault.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_vault_that_keeps_the_service_out_is_told()
    {
        Vault.Keys.Add("root");
        Vault.Firewall = true;

        await ShouldBeToldAsync(() => Key("root").WrapAsync(Plaintext, None), "network rules keep this service out");
    }

    [Fact]
    public async Task A_vault_of_another_directory_is_told()
    {
        Vault.Keys.Add("root");
        Vault.Resource = "https://managedhsm.azure.net";

        await ShouldBeToldAsync(() => Key("root").WrapAsync(Plaintext, None), "trusts another directory");
    }

    [Fact]
    public async Task A_vault_that_is_busy_is_asked_again_and_one_that_stays_so_is_told()
    {
        Vault.Keys.Add("root");
        var busy = KeyVaultDouble.ErrorBody("Throttled", "Too many.");
        Vault.Faults.AnswerNext(429, busy, retryAfter: TimeSpan.Zero);
        await Key("root").WrapAsync(Plaintext, None);

        for (var attempt = 0; attempt < 4; attempt++)
        {
            Vault.Faults.AnswerNext(429, busy, retryAfter: TimeSpan.Zero);
        }

        await ShouldBeToldAsync(() => Key("root").WrapAsync(Plaintext, None), "throttling");
    }

    [Fact]
    public async Task A_vault_that_cannot_be_reached_is_told()
    {
        await Vault.DisposeAsync();

        await ShouldBeToldAsync(() => Key("root").WrapAsync(Plaintext, None), "the vault cannot be connected to");
    }

    [Fact]
    public async Task An_answer_that_is_none_is_told()
    {
        Vault.Keys.Add("root");
        Vault.Faults.AnswerNext(200, """{"kid":"https://v/keys/root/..","value":"AAAA"}""");

        await ShouldBeToldAsync(() => Key("root").WrapAsync(Plaintext, None), "in a form that its API does not have");
    }

    [Fact]
    public async Task An_identity_that_gets_no_token_is_told_without_the_library_s_words()
    {
        var key = Fixture.RootKeyAs(new Refusing(), "root");

        await ShouldBeToldAsync(() => key.WrapAsync(Plaintext, None), "Azure gave this service's own identity no token");
    }

    [Theory]
    [InlineData("https://acme.vault.azure.net/keys/root", null)]
    [InlineData("https://acme.vault.azure.net/keys/root/0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")]
    public void An_address_may_have_a_version(string text, string? version)
    {
        KeyVaultKeyAddress.TryParse(text, new ProviderHttpOptions(), out var address).ShouldBeTrue();

        (address!.Key.AbsoluteUri, address.Version).ShouldBe(("https://acme.vault.azure.net/keys/root", version));
    }

    [Theory]
    [InlineData("https://acme.vault.azure.net/keys/root/")]
    [InlineData("https://acme.vault.azure.net/keys/root/1/2")]
    [InlineData("https://acme.vault.azure.net/keys/root/..")]
    [InlineData("https://acme.vault.azure.net/keys/")]
    [InlineData("https://acme.vault.azure.net/keys/root?version=1")]
    [InlineData("https://acme.vault.azure.net:8443/keys/root")]
    [InlineData("https://acme.managedhsm.azure.net/keys/root")]
    [InlineData("")]
    public void These_are_no_addresses(string text) => KeyVaultKeyAddress.TryParse(text, new ProviderHttpOptions(), out _).ShouldBeFalse();

    /// <summary>One sentence, without the vault's name, which anybody may see who asks whether the service is ready.</summary>
    private async Task ShouldBeToldAsync(Func<Task<byte[]>> use, string words)
    {
        var message = (await Should.ThrowAsync<RootKeyException>(use)).Message;

        message.ShouldStartWith("The root key in Key Vault cannot be used: ");
        message.ShouldContain(words);
        message.ShouldEndWith(".");
        message.ShouldNotContain(Vault.Address.Host);
        message.ShouldNotContain("169.254");
    }

    private KeyVaultRootKey Key(string address) => Fixture.RootKeyAs(Identity(), address);

    private ClientSecretCredential Identity() => new(Entra.TenantId, AzureFixture.ClientId, Fixture.Canaries[0], Fixture.EntraOptions());

    private sealed class Refusing : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("IMDS is not there: http://169.254.169.254");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("IMDS is not there: http://169.254.169.254");
    }
}
