using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Tests.Access;

public sealed class ApiKeyTextTests
{
    private static readonly Gen<string> TextGen =
        Gen.Elements("sfk_", "_", "abcdefghij", "23456789ab", "l", "o", "0", "1", "A", "-", " ", "\0", "é", "🔑", "\uD800", new string('x', 40)).ArrayOf().Select(string.Concat);

    [Fact]
    public void A_new_key_has_the_published_form()
    {
        var text = ApiKeyText.Create("abcdefghij", out var id, out var hash);

        text.ShouldMatch("^sfk_[a-kmnp-z2-9]{20}_[A-Za-z0-9_-]{43}$");
        id.ShouldBe(text[4..24]);
        id.ShouldStartWith("abcdefghij");
        ApiKeyText.OrganizationIdOf(id).ShouldBe("abcdefghij");
        hash.ShouldBe(SHA256.HashData(Encoding.ASCII.GetBytes(text[25..])), "anybody can compute what is stored, and nobody the key");
    }

    [Fact]
    public void New_keys_share_nothing_but_the_organization()
    {
        var keys = Enumerable.Range(0, 200).Select(static _ => ApiKeyText.Create("abcdefghij", out var _, out var _)).ToArray();

        keys.Select(static key => key[14..24]).ShouldBeUnique();
        keys.Select(static key => key[25..]).ShouldBeUnique();
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(512, true)]
    [InlineData(513, false)]
    public void A_key_has_32_to_512_characters(int length, bool parses) =>
        ApiKeyText.TryParse(new string('x', length), out _).ShouldBe(parses);

    [Theory]
    [InlineData("sfk_abcdefghijabcdefghij_secret_with_underscores", "abcdefghijabcdefghij", "secret_with_underscores")]
    [InlineData("sfk_abcdefghijabcdefghij_", "", "sfk_abcdefghijabcdefghij_")]
    [InlineData("sfk_abcdefghijabcdefghil_secretsecret", "", "sfk_abcdefghijabcdefghil_secretsecret")]
    [InlineData("SFK_abcdefghijabcdefghij_secretsecret", "", "SFK_abcdefghijabcdefghij_secretsecret")]
    [InlineData("sfk_abcdefghijabcdefghijsecretsecret", "", "sfk_abcdefghijabcdefghijsecretsecret")]
    [InlineData("any other string of enough characters", "", "any other string of enough characters")]
    public void What_is_not_of_our_form_is_secret_as_a_whole(string text, string id, string secret)
    {
        if (text.Length < ApiKeyText.MinBootstrapKeyLength)
        {
            ApiKeyText.TryParse(text, out _).ShouldBeFalse();
            return;
        }

        ApiKeyText.TryParse(text, out var key).ShouldBeTrue();
        (key.Id.ToString(), key.Secret.ToString()).ShouldBe((id, secret));
    }

    [Fact]
    public void Any_text_is_taken_apart_without_loss_or_refused() =>
        Holds(TextGen.Or(ArbMap.Default.GeneratorFor<string>().Select(static text => text ?? "")), static text =>
        {
            if (!ApiKeyText.TryParse(text, out var key))
            {
                (text.Length is < ApiKeyText.MinBootstrapKeyLength or > 512).ShouldBeTrue();
                return;
            }

            (key.Id.IsEmpty ? key.Secret.ToString() : $"sfk_{key.Id}_{key.Secret}").ShouldBe(text);
            (key.Id.Length is 0 or 20).ShouldBeTrue();
            var hash = new byte[SHA256.HashSizeInBytes];
            key.HashSecret(hash);
            hash.ShouldBe(SHA256.HashData(Encoding.UTF8.GetBytes(key.Secret.ToString())));
        });

    private static void Holds<T>(Gen<T> values, Action<T> property) =>
        Prop.ForAll(values.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
