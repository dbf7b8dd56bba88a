using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tests.Http;

public sealed class CheckAddressTests
{
    [Theory]
    [InlineData("https://vault.example.org")]
    [InlineData("https://vault.example.org:8200/v1/")]
    [InlineData("https://8.8.8.8")]
    [InlineData("https://[2600:1f18::1]:8443/")]
    [InlineData("https://any.internal:8200")]
    [InlineData("https://ANY.internal.:443")]
    [InlineData("https://exact.internal:8200")]
    [InlineData("http://exact.internal:8200")] // whether it is loopback shows when connecting
    [InlineData("https://10.1.2.3:8200")]
    [InlineData("http://127.0.0.1:8200")]
    [InlineData("http://[::1]:8201")]
    [InlineData("http://emulator:4566")]
    public void An_address_that_may_be_reached_is_let_through(string address) => Check(address).ShouldBeNull();

    [Theory]
    [InlineData("http://vault.example.org", "https")]
    [InlineData("ftp://vault.example.org", "https")]
    [InlineData("file:///etc/passwd", "absolute")]
    [InlineData("/relative", "absolute")]
    [InlineData("https://user@vault.example.org", "user name")]
    [InlineData("https://user:hunter2@vault.example.org", "user name")]
    [InlineData("https://vault.example.org/#part", "fragment")]
    [InlineData("https://vault.example.org:0/", "port")]
    [InlineData("https://127.0.0.1", "not a public address")]
    [InlineData("https://127.1", "not a public address")]
    [InlineData("https://2130706433", "not a public address")] // 127.0.0.1 as one number
    [InlineData("https://0x7f000001", "not a public address")]
    [InlineData("https://127。0。0。1", "not a public address")] // ideographic full stops
    [InlineData("https://[::ffff:127.0.0.1]", "not a public address")]
    [InlineData("https://169.254.169.254/latest/meta-data/", "not a public address")]
    [InlineData("https://10.1.2.3:8201", "not a public address")]
    [InlineData("http://10.1.2.3:8200", "https")] // allowed, but plain http is for loopback alone
    [InlineData("https://localhost", "not a public address")]
    [InlineData("https://LOCALHOST.", "not a public address")]
    [InlineData("https://a.localhost", "not a public address")]
    [InlineData("http://exact.internal:8201", "https")]
    [InlineData("http://emulator:4567", "https")]
    public void An_address_that_may_not_be_reached_is_refused_with_the_reason(string address, string reason)
    {
        var problem = Check(address).ShouldNotBeNull();
        problem.ShouldContain(reason);
        problem.ShouldNotContain("hunter2");
    }

    [Fact]
    public void A_link_local_address_is_refused_even_where_it_is_allowed()
    {
        using var http = new ProviderHttp(new ProviderHttpOptions { AllowedHosts = { "169.254.169.254" } });
        http.CheckAddress(new Uri("https://169.254.169.254")).ShouldNotBeNull();
    }

    private static string? Check(string address)
    {
        using var http = new ProviderHttp(new ProviderHttpOptions
        {
            AllowedHosts = { "any.internal", "exact.internal:8200", " 10.1.2.3:8200 ", "127.0.0.1:8200", "::1" },
            EndpointOverrides = { ["aws-sts"] = new Uri("http://emulator:4566") },
        });
        return http.CheckAddress(new Uri(address, UriKind.RelativeOrAbsolute));
    }
}
