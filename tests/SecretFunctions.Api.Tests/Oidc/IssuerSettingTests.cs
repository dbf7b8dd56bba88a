using SecretFunctions.Hosting;

namespace SecretFunctions.Api.Tests.Oidc;

public sealed class IssuerSettingTests
{
    [Theory]
    [InlineData("https://secrets.example.com")]
    [InlineData("https://secrets.example.com:8443")]
    [InlineData("https://example.com/secrets")]
    [InlineData("http://localhost:5000")]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://[::1]:5000")]
    public void These_are_issuers(string issuer) => new SecretFunctionsOptions { Issuer = issuer }.Validate().ShouldBeEmpty();

    [Theory]
    [InlineData("", "must be an absolute https URL")]
    [InlineData("secrets.example.com", "must be an absolute https URL")]
    [InlineData("ftp://secrets.example.com", "must be an absolute https URL")]
    [InlineData("https://sec rets.example.com", "must be an absolute https URL")]
    [InlineData("http://secrets.example.com", "must begin with https")]
    [InlineData("http://10.0.0.1:5000", "must begin with https")]
    [InlineData("https://secrets.example.com/", "must not end in a slash")]
    [InlineData("https://example.com/secrets/", "must not end in a slash")]
    [InlineData("https://secrets.example.com?x", "must have no user name, query or fragment")]
    [InlineData("https://secrets.example.com#", "must have no user name, query or fragment")]
    [InlineData("https://hunter2@secrets.example.com", "must have no user name, query or fragment")]
    [InlineData("https://Secrets.example.com", "must be written in its normal form")]
    [InlineData("https://secrets.example.com:443", "must be written in its normal form")]
    [InlineData("https://secrets.example.com/a/../b", "must be written in its normal form")]
    public void These_are_told_in_a_sentence(string issuer, string words)
    {
        var sentence = new SecretFunctionsOptions { Issuer = issuer }.Validate().ShouldHaveSingleItem();

        sentence.ShouldStartWith($"SecretFunctions:Issuer {words}");
        sentence.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData(2048, 90, 24, 300, "")]
    [InlineData(4096, 1, 23, 3600, "")]
    [InlineData(3072, 3650, 1, 60, "")]
    [InlineData(1024, 90, 24, 300, "SecretFunctions:SigningKeys:Bits must be 2048, 3072 or 4096.")]
    [InlineData(2048, 0, 24, 300, "SecretFunctions:SigningKeys:RotationDays must be from 1 to 3650.")]
    [InlineData(2048, 90, 0.5, 300, "SecretFunctions:SigningKeys:PublishAheadHours must be from 1 to 168.")]
    [InlineData(2048, 90, double.NaN, 300, "SecretFunctions:SigningKeys:PublishAheadHours must be from 1 to 168.")]
    [InlineData(2048, 1, 24, 300, "SecretFunctions:SigningKeys:PublishAheadHours must be less than RotationDays:")]
    [InlineData(2048, 90, 24, 59, "SecretFunctions:Tokens:LifetimeSeconds must be from 60 to 3600.")]
    [InlineData(2048, 90, 24, 3601, "SecretFunctions:Tokens:LifetimeSeconds must be from 60 to 3600.")]
    public void Keys_and_tokens_have_ranges(int bits, int days, double hours, int seconds, string sentence)
    {
        var options = new SecretFunctionsOptions
        {
            SigningKeys = new SigningKeySettings { Bits = bits, RotationDays = days, PublishAheadHours = hours },
            Tokens = new TokenSettings { LifetimeSeconds = seconds },
        };

        string.Join(' ', options.Validate()).ShouldStartWith(sentence);
        options.Validate().Count().ShouldBe(sentence.Length == 0 ? 0 : 1);
    }

    [Fact]
    public void A_key_in_a_vault_is_an_address()
    {
        Options("https://acme.vault.azure.net/keys/issuer").Validate().ShouldBeEmpty();
        Options("hunter2").Validate().ShouldHaveSingleItem().ShouldBe(
            "SecretFunctions:SigningKeys:KeyVaultKey must be a key's address without a version, such as https://VAULT.vault.azure.net/keys/NAME.");

        static SecretFunctionsOptions Options(string key) => new() { SigningKeys = new SigningKeySettings { KeyVaultKey = key } };
    }
}
