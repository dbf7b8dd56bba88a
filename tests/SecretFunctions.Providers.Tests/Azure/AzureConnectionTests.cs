using System.Net;
using System.Net.Sockets;
using Azure.Core;
using Azure.Identity;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>Which addresses a token may go to, and what is said of those that cannot be reached.</summary>
public sealed class AzureConnectionTests : AzureTest
{
    [Theory]
    [InlineData("https://my-vault.vault.azure.net")]
    [InlineData("https://my-vault.vault.azure.net/")]
    [InlineData("https://MY-VAULT.VAULT.AZURE.NET")]
    [InlineData("https://my-vault.vault.azure.cn")]
    [InlineData("https://my-vault.vault.usgovcloudapi.net")]
    public void A_vault_of_a_known_cloud_is_taken(string url) => Check(url).ShouldBeNull();

    [Theory]
    [InlineData("http://my-vault.vault.azure.net")]
    [InlineData("https://vault.azure.net")]
    [InlineData("https://.vault.azure.net")]
    [InlineData("https://a.b.vault.azure.net")]
    [InlineData("https://my-vault.vault.azure.net.attacker.example")]
    [InlineData("https://evilvault.azure.net")]
    [InlineData("https://my-vault.vault.azure.net:8443")]
    [InlineData("https://attacker.example")]
    [InlineData("https://attacker.example#.vault.azure.net")]
    [InlineData("https://my-vault.vault.azure.net@attacker.example")]
    [InlineData("https://user@my-vault.vault.azure.net")]
    [InlineData("https://my-vault.vault.azure.net/secrets/openai")]
    [InlineData("https://my-hsm.managedhsm.azure.net")]
    [InlineData("my-vault.vault.azure.net")]
    [InlineData("")]
    public void No_other_address_is(string url) => Check(url).ShouldNotBeNull().ShouldNotContain("attacker");

    [Fact]
    public void An_address_the_operator_named_is_taken_with_its_port_alone()
    {
        var field = Fixture.Provider.Settings.ShouldHaveSingleItem();

        field.Check(Vault.Address.AbsoluteUri).ShouldBeNull();
        field.Check($"https://127.0.0.1:{(Vault.Address.Port == 1 ? 2 : 1)}").ShouldNotBeNull();
        field.Check($"http://{Vault.Address.Authority}").ShouldBeNull("on loopback, plain http is the operator's choice");
    }

    [Fact]
    public async Task A_vault_whose_name_does_not_resolve_is_unreachable()
    {
        var failure = await ReadFromAsync(_ => throw new SocketException((int)SocketError.HostNotFound));

        failure.Detail.ShouldContain("gone.vault.azure.net");
        failure.Detail.ShouldContain("does not resolve");
    }

    [Fact]
    public async Task A_vault_behind_a_private_endpoint_is_the_operators_to_allow()
    {
        var failure = await ReadFromAsync(_ => [IPAddress.Parse("10.0.0.4")]);

        failure.Hint.ShouldNotBeNull().ShouldContain("AllowedHosts");
        failure.ToString().ShouldNotContain("10.0.0.4");
    }

    [Fact]
    public async Task An_emulator_on_loopback_may_speak_plain_http()
    {
        await using var entra = new EntraDouble(Clock, https: false);
        await entra.StartAsync();
        entra.AddApplication(AzureFixture.ClientId, Fixture.Canaries[0]);
        await using var vault = new KeyVaultDouble(entra, Clock, https: false) { PageSize = 1 };
        await vault.StartAsync();
        vault.Put("one", "v");
        vault.Put("two", "w");
        var options = new ProviderHttpOptions { AllowedHosts = { vault.Address.Authority }, EndpointOverrides = { ["entra"] = entra.Address } };
        using var http = new ProviderHttp(options);
        var provider = new AzureKeyVaultProvider(http, Clock);
        provider.Settings[0].Check(vault.Address.AbsoluteUri).ShouldBeNull();
        var store = Open(provider, Fixture.Connect(tenantId: entra.TenantId, vault: vault.Address));

        (await ReadAsync(store, "one")).ShouldHoldText().ShouldBe("v");
        (await ListAsync(store, "", 10)).ShouldSucceed().Names.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_service_without_an_identity_says_so()
    {
        var store = Open(Fixture.ProviderAs(new Refusing(new CredentialUnavailableException("IMDS is not there: http://169.254.169.254"))), Ambient());
        var failure = (await ReadAsync(store, "any")).ShouldFail(ProviderFailure.AuthenticationFailed);

        failure.Hint.ShouldNotBeNull().ShouldContain("managed identity");
        failure.ToString().ShouldNotContain("169.254");
    }

    [Fact]
    public async Task An_ambient_identity_reads()
    {
        Vault.Put("any", "v");
        var token = new ClientSecretCredential(
            Entra.TenantId, AzureFixture.ClientId, Fixture.Canaries[0], Fixture.EntraOptions());

        (await ReadAsync(Open(Fixture.ProviderAs(token), Ambient()), "any")).ShouldHoldText().ShouldBe("v");
    }

    [Fact]
    public void An_ambient_identity_opens_without_io() =>
        Open(Fixture.Provider, Ambient()).ShouldNotBeNull();

    [Fact]
    public void An_identifier_cannot_leave_its_place_in_the_token_endpoints_path()
    {
        var fields = Fixture.Provider.AuthSchemes[0].Fields;
        foreach (var field in fields.Where(field => field.Name is "tenantId" or "clientId"))
        {
            field.Check("11111111-2222-3333-4444-555555555555").ShouldBeNull();
            field.Check("../common").ShouldNotBeNull();
            field.Check("a b").ShouldNotBeNull();
            field.Check("").ShouldNotBeNull();
        }
    }

    private string? Check(string url)
    {
        using var http = new ProviderHttp(new ProviderHttpOptions());
        return new AzureKeyVaultProvider(http, Clock).Settings.ShouldHaveSingleItem().Check(url);
    }

    private ProviderConnection Ambient() =>
        new("azure-ambient", new Dictionary<string, string> { ["vaultUrl"] = Vault.Address.AbsoluteUri }, new ProviderAuth.Ambient());

    private async Task<Failure> ReadFromAsync(Func<string, IPAddress[]> resolve)
    {
        var options = new ProviderHttpOptions { EndpointOverrides = { ["entra"] = Entra.Address }, TrustedRootsFile = TestCertificates.RootFile };
        using var http = new ProviderHttp(options, new ProviderHttpLimits(), TimeProvider.System, (host, _) => Task.FromResult(resolve(host)));
        await using var store = new AzureKeyVaultProvider(http, Clock).Open(Fixture.Connect(vault: new Uri("https://gone.vault.azure.net")));
        return (await ReadAsync(store, "any")).ShouldFail(ProviderFailure.Unreachable);
    }

    private sealed class Refusing(Exception exception) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw exception;

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw exception;
    }
}
