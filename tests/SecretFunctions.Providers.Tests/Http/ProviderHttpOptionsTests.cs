using SecretFunctions.Providers.Http;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Providers.Tests.Http;

public sealed class ProviderHttpOptionsTests
{
    [Fact]
    public void Settings_that_make_sense_are_accepted()
    {
        var options = new ProviderHttpOptions
        {
            AllowedHosts = { "vault.internal", "vault.internal:8200", "10.0.0.7:1", "[fd00::7]:65535", "[fd00::7]", "fd00::7" },
            EndpointOverrides = { ["aws-sts"] = new Uri("http://127.0.0.1:4566/"), ["entra"] = new Uri("https://login.internal/base/") },
            TrustedRootsFile = TestCertificates.RootFile,
        };
        new ProviderHttpOptionsValidator().Validate(null, options).Succeeded.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("hidden.example/path")]
    [InlineData("https://hidden.example")]
    [InlineData("hidden.example:0")]
    [InlineData("hidden.example:65536")]
    [InlineData("hidden.example:+80")]
    [InlineData("hidden.example:")]
    [InlineData(":8200")]
    [InlineData("user@hidden.example")]
    [InlineData("*.hidden.example")]
    [InlineData("hidden .example")]
    public void A_malformed_host_is_named_by_its_place(string entry) =>
        Problems(new ProviderHttpOptions { AllowedHosts = { "fine.example", entry } })
            .ShouldHaveSingleItem().ShouldContain("SecretFunctions:Providers:AllowedHosts: entry 2");

    [Theory]
    [InlineData("aws-sts", "/hidden")]
    [InlineData("aws-sts", "ftp://hidden.example")]
    [InlineData("aws-sts", "https://user:hidden@somewhere.example")]
    [InlineData("aws-sts", "https://somewhere.example/?token=hidden")]
    public void A_wrong_override_is_named_and_not_repeated(string name, string address) =>
        Problems(Overriding(name, address)).ShouldHaveSingleItem().ShouldContain($"EndpointOverrides:{name} is not");

    [Fact]
    public void An_override_of_nothing_known_lists_what_is_known() =>
        Problems(Overriding("hidden", "https://somewhere.example")).ShouldHaveSingleItem().ShouldContain("aws-secretsmanager, google-oauth2");

    [Fact]
    public void Roots_that_cannot_be_used_are_named()
    {
        Problems(new ProviderHttpOptions { TrustedRootsFile = "/hidden/roots.pem" })
            .ShouldHaveSingleItem().ShouldContain("TrustedRootsFile names a file that cannot be read");

        var folder = Directory.CreateTempSubdirectory("sf-roots-");
        var empty = Path.Combine(folder.FullName, "hidden.pem");
        File.WriteAllText(empty, "no certificate here");
        Problems(new ProviderHttpOptions { TrustedRootsFile = empty }).ShouldHaveSingleItem().ShouldContain("without a PEM certificate");
        File.WriteAllText(empty, "-----BEGIN CERTIFICATE-----\naGlkZGVu\n-----END CERTIFICATE-----");
        Problems(new ProviderHttpOptions { TrustedRootsFile = empty }).ShouldHaveSingleItem().ShouldContain("cannot be understood");
        Should.Throw<ArgumentException>(() => new ProviderHttp(new ProviderHttpOptions { TrustedRootsFile = empty }));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Everything_wrong_is_said_at_once() =>
        Problems(new ProviderHttpOptions { AllowedHosts = { "", "a/b" }, TrustedRootsFile = "/hidden" }).Count.ShouldBe(3);

    private static ProviderHttpOptions Overriding(string name, string address) =>
        new() { EndpointOverrides = { [name] = new Uri(address, UriKind.RelativeOrAbsolute) } };

    private static List<string> Problems(ProviderHttpOptions options)
    {
        var problems = new ProviderHttpOptionsValidator().Validate(null, options).Failures?.ToList() ?? [];
        problems.ShouldAllBe(problem => !problem.Contains("hidden", StringComparison.Ordinal));
        return problems;
    }
}
