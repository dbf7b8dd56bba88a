using System.Text;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Tests.Providers;

public sealed class PayloadsTests
{
    [Theory]
    [InlineData("plain", null, "plain")]
    [InlineData("", null, "")]
    [InlineData("{\"a\":1}", null, "{\"a\":1}")]
    [InlineData("{\"user\":\"me\",\"port\":5432}", "user", "me")]
    [InlineData("{\"user\":\"me\",\"port\":5432}", "port", "5432")]
    [InlineData("{\"a\":{\"b\":[\"x\"]}}", "/a/b/0", "x")]
    public void A_payload_is_handed_out_whole_or_in_part(string secret, string? selector, string expected)
    {
        using var payload = new SecretPayload(new SecretValue(Encoding.UTF8.GetBytes(secret)), "1");
        Payloads.Select(payload, selector).TryGet(out var value, out var failure).ShouldBeTrue(failure?.ToString());
        using (value)
        {
            Encoding.UTF8.GetString(value!.Reveal()).ShouldBe(expected);
        }

        payload.Value.Reveal().Length.ShouldBe(Encoding.UTF8.GetByteCount(secret), "The payload stays the caller's.");
    }

    [Theory]
    [InlineData("not json", "user", ProviderFailure.NotJson)]
    [InlineData("{\"user\":\"me\"}", "password", ProviderFailure.KeyNotFound)]
    [InlineData("{\"user\":\"me\"}", "/bad~escape", ProviderFailure.InvalidRequest)]
    [InlineData("{\"user\":\"me\"}", "", ProviderFailure.InvalidRequest)]
    public void What_cannot_be_selected_is_a_failure(string secret, string selector, string code)
    {
        using var payload = new SecretPayload(new SecretValue(Encoding.UTF8.GetBytes(secret)), "1");
        Payloads.Select(payload, selector).Failure.ShouldNotBeNull().Code.ShouldBe(code);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_and_not_mangled()
    {
        using var payload = new SecretPayload(new SecretValue([0x66, 0xFF, 0x6F]), "1");
        Payloads.Select(payload, null).Failure.ShouldNotBeNull().Code.ShouldBe(ProviderFailure.NotText);
    }
}
