using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Maintenance;
using SecretFunctions.Core.Telemetry;
using SecretFunctions.Testing.CloudDoubles.HashiCorp;
using SecretFunctions.Testing.CloudDoubles.Otlp;

namespace SecretFunctions.Api.Tests.Telemetry;

public abstract class MetricTests(Head head) : TelemetryTest(head)
{
    /// <summary>Every name an attribute of a metric of ours may have: none of them has many values.</summary>
    private static readonly string[] Attributes =
    [
        SignalNames.Attributes.Outcome, SignalNames.Attributes.Provider, SignalNames.Attributes.Cloud, SignalNames.Attributes.Operation,
        SignalNames.Attributes.CacheResult, SignalNames.Attributes.Threshold, SignalNames.Attributes.Part,
    ];

    [Fact]
    public async Task What_happens_is_counted_and_measured()
    {
        await DriveAsync();
        await CloseAsync();

        Measured("secretfunctions.resolve.duration", "s", ("secretfunctions.outcome", "success"));
        Measured("secretfunctions.resolve.duration", "s", ("secretfunctions.outcome", "resolve.failed"));
        Counted("secretfunctions.cache.reads", "{secret}", ("secretfunctions.cache.result", "miss"));
        Counted("secretfunctions.cache.reads", "{secret}", ("secretfunctions.cache.result", "hit"));
        Measured("secretfunctions.provider.call.duration", "s", ("secretfunctions.provider", "hashicorp-vault"), ("secretfunctions.operation", "read"), ("secretfunctions.outcome", "success"));
        Measured("secretfunctions.provider.call.duration", "s", ("secretfunctions.provider", "hashicorp-vault"), ("secretfunctions.operation", "read"), ("secretfunctions.outcome", "provider.unreachable"));
        Counted("secretfunctions.provider.breaker.opened", "{breaker}", ("secretfunctions.provider", "hashicorp-vault"));
        Measured("secretfunctions.token.mint.duration", "s", ("secretfunctions.outcome", "success"));
        Measured("secretfunctions.token.exchange.duration", "s", ("secretfunctions.cloud", "vault"), ("secretfunctions.outcome", "success"));
        Measured("secretfunctions.audit.write.duration", "s", ("secretfunctions.outcome", "success"));
        Counted("secretfunctions.authentication.failures", "{request}", ("secretfunctions.outcome", "auth.invalid"));
        Counted("secretfunctions.requests.throttled", "{request}", ("secretfunctions.outcome", "limit.costly"));
        Collector.Points.Where(static point => point.Scope == SignalNames.Source).SelectMany(static point => point.Attributes.Keys).ShouldBeSubsetOf(Attributes);
    }

    [Fact]
    public async Task The_state_of_the_deployment_is_looked_at()
    {
        await DriveAsync();
        await Host.Services.GetRequiredService<MaintenanceRound>().RunAsync(CancellationToken.None);
        Clock.Advance(TimeSpan.FromMinutes(2));
        await Host.Services.GetRequiredService<DeploymentGauges>().RefreshAsync(CancellationToken.None);
        await CloseAsync();

        Points("secretfunctions.maintenance.lag", "s").ShouldContain(static point => point.Value >= 120 && point.Value < 240);
        Points("secretfunctions.signing_key.age", "s").ShouldNotBeEmpty();
        Points("secretfunctions.signing_key.rotation_due", "s").ShouldContain(static point => point.Value > 80 * 86400);
        Points("secretfunctions.credential.expiring", "{credential}", ("secretfunctions.threshold", "7-days")).ShouldContain(static point => point.Value == 1);
        Points("secretfunctions.credential.expiring", "{credential}", ("secretfunctions.threshold", "expired")).ShouldContain(static point => point.Value == 0);
        Points("secretfunctions.provider.breaker.open", "{breaker}", ("secretfunctions.provider", "hashicorp-vault")).ShouldContain(static point => point.Value == 1);
        foreach (var part in new[] { "store", "root-key", "signing-keys", "audit" })
        {
            Points("secretfunctions.health.ready", "1", ("secretfunctions.part", part)).ShouldContain(static point => point.Value == 1);
        }
    }

    [Fact]
    public async Task Logs_keep_their_categories_and_say_who_sends_them()
    {
        await DriveAsync();
        await Host.Services.GetRequiredService<MaintenanceRound>().RunAsync(CancellationToken.None);
        await CloseAsync();

        var log = Collector.Logs.Where(static log => log.Category == "SecretFunctions.Core.Maintenance.ExpiryWarnings").ShouldHaveSingleItem();
        log.Body.ShouldStartWith("Credential static of organization default expires at");
        log.Attributes["Credential"].ShouldBe("static");
        Collector.Resources.ShouldAllBe(static resource => resource["service.name"] == "secretfunctions" && resource["service.version"].Length > 0);
        Collector.Requests.Distinct().ShouldBe(["POST /v1/traces", "POST /v1/metrics", "POST /v1/logs"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_secret_is_in_nothing_that_is_sent()
    {
        var keys = await DriveAsync();
        await CloseAsync();

        Canary.Canary[] canaries =
        [
            new("The value", Value), new("The operator's key", ApiHost.OperatorKey), new("Vault's token", VaultTokens.IssuedPrefix),
            .. keys.Select(static key => new Canary.Canary("A key or token", key)),
        ];
        Collector.Raw.Count.ShouldBeGreaterThan(2);
        foreach (var body in Collector.Raw)
        {
            foreach (var canary in canaries)
            {
                canary.ShouldNotBeIn(body, "what the collector got");
            }
        }
    }

    /// <summary>Everything that tells something, what fails included. Returns keys and tokens, without what is the same in all.</summary>
    private async Task<IReadOnlyList<string>> DriveAsync()
    {
        (await ResolveAsync()).ShouldBe(200).Body.ShouldContain("cAnArY");
        (await ResolveAsync()).ShouldBe(200);
        var key = (string)(await Operator.PostAsync("/v1/api-keys", """{"name":"crew","principal":{"type":"automation","name":"crew"}}""")).ShouldBe(201).Json["key"]!;
        var token = (string)(await Host.Client(key).PostAsync("/v1/tokens", """{"audience":"vault"}""")).ShouldBe(200).Json["token"]!;
        (await Host.Client(key[..^4] + "AAAA").GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
        (await Host.Client(token).GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.token_is_own");
        (await Operator.PutAsync("/v1/variables/dev/OWN", $$"""{"value":"{{Value}}"}""")).ShouldBe(201);
        (await Operator.PostAsync("/v1/variables/dev/OWN/reveal")).ShouldBe(200);
        (await Operator.PostAsync("/v1/resolve", $$"""{"automation":"{{Value}}","environment":"{{Value}}","kickoff":{"id":"{{Value}}"} }""")).Status.ShouldBe(400);
        (await Host.Anonymous.PostAsync($"/v1/events/azure-event-grid?key={key}", "[]")).Status.ShouldBeGreaterThanOrEqualTo(400);
        var expires = (Clock.GetUtcNow() + TimeSpan.FromDays(5)).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        (await Operator.PutAsync(
            "/v1/provider-credentials/static",
            $$"""{"provider":"hashicorp-vault","address":"{{Vault.Address.AbsoluteUri.TrimEnd('/')}}","auth":{"type":"static","token":"{{Value}}"},"expiresAt":"{{expires}}"}""")).ShouldBe(201);
        Vault.Faults.Down = true;
        for (var i = 0; i < 5; i++)
        {
            (await ResolveAsync(""","fresh":true""")).ShouldBeProblem(424, "resolve.failed");
        }

        for (var i = 0; i < 200; i++)
        {
            await Host.Client(key).PostAsync("/v1/tokens", "{}");
        }

        (await Host.Client(key).PostAsync("/v1/tokens", "{}")).ShouldBeProblem(429, "limit.costly");
        return [key.Split('_', 3)[2], token.Split('.')[1], token.Split('.')[2]];
    }

    private IEnumerable<OtlpPoint> Points(string metric, string unit, params (string Name, string Value)[] attributes) => Collector.Points
        .Where(point => (point.Scope, point.Metric, point.Unit) == (SignalNames.Source, metric, unit) && attributes.All(attribute => point[attribute.Name] == attribute.Value));

    private void Measured(string metric, string unit, params (string Name, string Value)[] attributes) =>
        Points(metric, unit, attributes).ShouldContain(static point => point.Count > 0 && point.Value > 0, $"{metric} {string.Join(' ', attributes)}");

    private void Counted(string metric, string unit, params (string Name, string Value)[] attributes) =>
        Points(metric, unit, attributes).ShouldContain(static point => point.Value > 0, $"{metric} {string.Join(' ', attributes)}");

    public sealed class Direct() : MetricTests(Head.Direct);

    public sealed class BehindARouter() : MetricTests(Head.BehindARouter);
}
