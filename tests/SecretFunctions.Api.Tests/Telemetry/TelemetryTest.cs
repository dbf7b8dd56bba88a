using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.HashiCorp;
using SecretFunctions.Testing.CloudDoubles.Otlp;

namespace SecretFunctions.Api.Tests.Telemetry;

/// <summary>
/// A host that tells a collector, with an automation whose one variable lies in a Vault that is read with our tokens. Other tests run in the same
/// process meanwhile and are told of too: traces are found by their id. Of hosts that tell a collector there is one at a time, since the
/// last gauge of a name to be looked at wins, whichever host's it is.
/// </summary>
[Collection(nameof(TelemetryTest))]
public abstract class TelemetryTest(Head head) : IAsyncLifetime
{
    protected const string Value = "cAnArY+v4lu3/Zx81!qQ~vT5";

    private PublishedIssuer Issuer { get; } = new();

    protected Head Head { get; } = head;

    protected TestClock Clock { get; } = new() { SkipsPausesUpTo = TimeSpan.FromSeconds(5) };

    protected OtlpCollectorDouble Collector { get; } = new();

    protected VaultDouble Vault { get; private set; } = null!;

    protected ApiHost Host { get; private set; } = null!;

    protected HttpClient Operator => Host.Operator;

    public async Task InitializeAsync()
    {
        Vault = new VaultDouble(Clock);
        foreach (var server in new CloudDouble[] { Collector, Vault, Issuer })
        {
            await server.StartAsync();
        }

        Host = await ApiHost.StartAsync(
            Head,
            Clock,
            configure: null,
            ("Issuer", Issuer.Name),
            ("Providers:AllowedHosts", "127.0.0.1"),
            ("Providers:TrustedRootsFile", TestCertificates.RootFile),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", Collector.Address.AbsoluteUri),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        Issuer.Host = Host.Anonymous;
        await PrepareAsync();
    }

    public async Task DisposeAsync()
    {
        await CloseAsync();
        foreach (var server in new CloudDouble[] { Collector, Vault, Issuer })
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Ends the host, which sends what it has not sent yet.</summary>
    protected async Task CloseAsync()
    {
        if (Host is { } host)
        {
            Host = null!;
            await host.DisposeAsync();
        }
    }

    protected Task<Reply> ResolveAsync(string more = "", params (string Name, string Value)[] headers) =>
        Operator.PostAsync("/v1/resolve", $$"""{"automation":"crew"{{more}}}""", headers);

    private async Task PrepareAsync()
    {
        Vault.Kv.Put("openai", new JsonObject { ["value"] = Value }.ToJsonString());
        Vault.Jwt.Issuer = Issuer.Name;
        Vault.Jwt.SetRole("reader", new VaultJwtRole(["vault"]));
        (await Operator.PutAsync("/v1/workload-identity-configs/main", $$"""{"cloud":"vault","address":"{{Vault.Address.AbsoluteUri.TrimEnd('/')}}","role":"reader","audience":"vault"}""")).ShouldBe(201);
        (await Operator.PutAsync(
            "/v1/provider-credentials/main",
            $$"""{"provider":"hashicorp-vault","address":"{{Vault.Address.AbsoluteUri.TrimEnd('/')}}","auth":{"type":"workload-identity","config":"main"} }""")).ShouldBe(201);
        (await Operator.PutAsync("/v1/variables/dev/KEY", """{"reference":{"credential":"main","secret":"openai#value"}}""")).ShouldBe(201);
        await Operator.AutomationAsync("crew");
        await Operator.AssignAsync("crew", "dev", "KEY");
    }
}
