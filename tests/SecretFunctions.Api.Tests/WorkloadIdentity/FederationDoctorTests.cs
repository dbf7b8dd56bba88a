using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core;
using SecretFunctions.Core.WorkloadIdentity.Doctor;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tokens;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary>The test of a configuration against clouds that fetch our keys and verify our tokens: what works, and each thing that can be wrong.</summary>
public abstract partial class FederationDoctorTests(Head head) : IAsyncLifetime
{
    private const string Healthy = "subject, mint, issuer, discovery, algorithm, keys, response-time, audience, credential, exchange, clock";

    private FederatedClouds _clouds = null!;
    private ApiHost _host = null!;

    public static TheoryData<string> Clouds => ["aws", "google", "azure", "vault", "conjur"];

    private HttpClient Operator => _host.Operator;

    public async Task InitializeAsync()
    {
        _clouds = await FederatedClouds.StartAsync();
        _host = await StartAsync(static services => services.AddSingleton<IIssuerProbe>(static provider => new FromOutside(
            new IssuerProbe(provider.GetRequiredService<ProviderHttp>(), provider.GetRequiredService<TimeProvider>()))));
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _clouds.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task What_works_says_so_step_by_step_and_as_whom(string cloud)
    {
        await GivenAsync(cloud);
        _clouds.Trust(cloud);

        var report = await TestAsync(cloud, secret: _clouds.Put(cloud, "canary-value-77"));

        ((bool)report["ok"]!).ShouldBeTrue(report.ToJsonString());
        Names(report).ShouldBe(Healthy + ", read");
        report["identity"]!.ToString().ShouldStartWith(_clouds.IdentityAt(cloud));
        var claims = report["token"]!["claims"]!;
        (claims["iss"]!.ToString(), claims["sub"]!.ToString()).ShouldBe((_clouds.Front.Issuer, FederatedClouds.SubjectAt(cloud)));
        report["token"]!["header"]!["alg"]!.ToString().ShouldBe("RS256");
        Check(report, "clock")["detail"]!.ToString().ShouldStartWith("Our clock is within 0 s of ");
        Check(report, "read")["detail"]!.ToString().ShouldMatch("^Version .+ was read\\.$");
        await ShouldHaveLeakedNothingAsync(report);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Another_audience_than_the_cloud_was_told(string cloud)
    {
        await GivenAsync(cloud, ",\"audience\":\"https://another.example.com\"");
        _clouds.Trust(cloud);

        var report = await TestAsync(cloud);

        var exchange = ShouldFail(report, "exchange", "provider.trust_rejected");
        exchange["detail"]!.ToString().ShouldContain($"Our token has the issuer {_clouds.Front.Issuer}, the audience https://another.example.com and the subject {FederatedClouds.SubjectAt(cloud)}.");
        exchange["hint"]!.ToString().ShouldContain($"GET /v1/workload-identity-configs/{cloud}/trust-policy");
        Check(report, "audience")["detail"]!.ToString().ShouldContain("must have been told so: by default it is");
        await ShouldHaveLeakedNothingAsync(report);
    }

    [Theory]
    [InlineData("aws", "AccessDenied", "conditions on aud or sub")]
    [InlineData("google", "unauthorized_client", "attribute condition")]
    [InlineData("azure", "AADSTS700213", "propagation delay")]
    [InlineData("vault", "invalid subject (sub) claim", "bound_subject")]
    [InlineData("conjur", "HTTP 401", "no host of that name")]
    public async Task Another_subject_than_the_cloud_was_told(string cloud, string providerCode, string hint)
    {
        await GivenAsync(cloud);
        _clouds.Trust(cloud, "org:default:project:default:environment:prod");

        var exchange = ShouldFail(await TestAsync(cloud), "exchange", "provider.trust_rejected");

        exchange["providerCode"]!.ToString().ShouldBe(providerCode);
        exchange["detail"]!.ToString().ShouldContain($"the subject {FederatedClouds.SubjectAt(cloud)}.");
        exchange["hint"]!.ToString().ShouldContain(hint);
    }

    [Theory]
    [InlineData("aws", "InvalidIdentityToken", "create-open-id-connect-provider")]
    [InlineData("google", "invalid_target", "workloadIdentityProvider")]
    [InlineData("azure", "AADSTS70025", "az ad app federated-credential create")]
    [InlineData("vault", "could not be found", "vault list auth/MOUNT/role")]
    [InlineData("conjur", "HTTP 401", "CONJUR_AUTHENTICATORS")]
    public async Task A_cloud_that_was_told_nothing(string cloud, string providerCode, string hint)
    {
        await GivenAsync(cloud);
        _clouds.Conjur.Jwt.ServiceId = null;

        var exchange = ShouldFail(await TestAsync(cloud), "exchange", "provider.trust_rejected");

        exchange["providerCode"]!.ToString().ShouldBe(providerCode);
        exchange["hint"]!.ToString().ShouldContain(hint);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task An_issuer_that_cannot_be_reached_is_why_the_cloud_refuses(string cloud)
    {
        await GivenAsync(cloud);
        _clouds.Trust(cloud);
        _clouds.Front.Faults.Down = true;

        var report = await TestAsync(cloud);

        Names(report).ShouldBe("subject, mint, issuer, discovery, audience, credential, exchange, clock");
        Check(report, "discovery")["code"]!.ToString().ShouldBe("issuer.unreachable");
        Check(report, "exchange")["code"]!.ToString().ShouldBe("provider.trust_rejected");
        Check(report, "exchange")["hint"]!.ToString().ShouldStartWith("First see to what failed besides (discovery)");
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_discovery_document_of_another_issuer(string cloud)
    {
        await GivenAsync(cloud);
        _clouds.Trust(cloud);
        _clouds.Front.Change = static document => _ = document.ContainsKey("issuer") && (document["issuer"] = "https://staging.example.com") is not null;

        var report = await TestAsync(cloud);

        var discovery = Check(report, "discovery");
        discovery["code"]!.ToString().ShouldBe("issuer.mismatch");
        discovery["detail"]!.ToString().ShouldBe($"The token's issuer is {_clouds.Front.Issuer}, and the discovery document there names https://staging.example.com.");
        ((bool)Check(report, "exchange")["ok"]!).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Keys_without_the_tokens_own(string cloud)
    {
        await GivenAsync(cloud);
        _clouds.Trust(cloud);
        _clouds.Front.Change = static document => (document["keys"] as JsonArray)?.Clear();

        var report = await TestAsync(cloud);

        Check(report, "keys")["code"]!.ToString().ShouldBe("issuer.key_missing");
        Check(report, "keys")["detail"]!.ToString().ShouldContain(report["token"]!["header"]!["kid"]!.ToString());
        Check(report, "exchange")["hint"]!.ToString().ShouldStartWith("First see to what failed besides (keys)");
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_clock_that_is_not_the_clouds(string cloud)
    {
        await GivenAsync(cloud);
        _clouds.Trust(cloud);
        var theirs = new TestClock();
        theirs.Advance(_clouds.Clock.GetUtcNow() - theirs.GetUtcNow() + TimeSpan.FromMinutes(10));
        _clouds.ExchangeOf(cloud).Dates = theirs;

        var clock = ShouldFail(await TestAsync(cloud), "clock", "clock.skewed");

        clock["detail"]!.ToString().ShouldStartWith("Our clock is 600 s behind ");
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_secret_that_is_not_there(string cloud)
    {
        await GivenAsync(cloud);
        _clouds.Trust(cloud);

        var report = await TestAsync(cloud, secret: "none");

        ShouldFail(report, "read", "provider.secret_not_found");
        report["identity"]!.ToString().ShouldStartWith(_clouds.IdentityAt(cloud));
    }

    [Fact]
    public async Task Entras_propagation_delay_is_waited_for_and_named()
    {
        await GivenAsync("azure");
        _clouds.Trust("azure");
        for (var refusal = 0; refusal < 2; refusal++)
        {
            _clouds.Entra.Faults.AnswerNext(401, EntraDouble.ErrorBody("invalid_client", 700213, "No matching federated identity record found."));
        }

        var report = await TestAsync("azure");

        ((bool)report["ok"]!).ShouldBeTrue(report.ToJsonString());
        Check(report, "exchange")["detail"]!.ToString().ShouldContain("It took 5 s: AADSTS700213 until then, which is Entra ID's propagation delay.");
    }

    [Fact]
    public async Task On_loopback_it_fails_for_that_alone_and_goes_on()
    {
        await _host.DisposeAsync();
        _host = await StartAsync(configure: null);
        await GivenAsync("vault");
        _clouds.Trust("vault");

        var report = await TestAsync("vault");

        ShouldFail(report, "issuer", "issuer.loopback")["hint"]!.ToString().ShouldContain("SecretFunctions:Issuer");
        Names(report).ShouldBe(Healthy);
        report["identity"]!.ToString().ShouldBe(_clouds.IdentityAt("vault"));
    }

    [Theory]
    [InlineData("aws", "region")]
    [InlineData("google", "projectId")]
    [InlineData("azure", "vaultUrl")]
    [InlineData("vault", null)]
    [InlineData("conjur", null)]
    public async Task Without_a_credential_it_goes_as_far_as_the_cloud_needs_none(string cloud, string? missing)
    {
        (await Operator.PutAsync($"/v1/workload-identity-configs/{cloud}", _clouds.Config(cloud))).ShouldBe(201);
        await Operator.AutomationAsync("crew");
        _clouds.Trust(cloud);

        var report = await TestAsync(cloud);

        if (missing is null)
        {
            ((bool)report["ok"]!).ShouldBeTrue(report.ToJsonString());
            report["identity"]!.ToString().ShouldBe(_clouds.IdentityAt(cloud));
        }
        else
        {
            ShouldFail(report, "credential", "workload_identity.no_credential")["detail"]!.ToString().ShouldContain(missing);
        }
    }

    private async Task<ApiHost> StartAsync(Action<IServiceCollection>? configure)
    {
        var host = await ApiHost.StartAsync(head, _clouds.Clock, configure, _clouds.Settings);
        _clouds.Front.Service = host.Anonymous;
        return host;
    }

    private async Task GivenAsync(string cloud, string more = "")
    {
        (await Operator.PutAsync($"/v1/workload-identity-configs/{cloud}", _clouds.Config(cloud, more))).ShouldBe(201);
        (await Operator.PutAsync($"/v1/provider-credentials/{cloud}", _clouds.Credential(cloud))).ShouldBe(201);
        await Operator.AutomationAsync("crew");
    }

    private async Task<JsonNode> TestAsync(string cloud, string? secret = null) => (await Operator.PostAsync(
        $"/v1/workload-identity-configs/{cloud}/test?automation=crew", new JsonObject { ["secret"] = secret }.ToJsonString())).ShouldBe(200).Json;

    private static JsonNode Check(JsonNode report, string name) => report["checks"]!.AsArray().Single(check => check!["name"]!.ToString() == name)!;

    /// <summary>The one check that fails.</summary>
    private static JsonNode ShouldFail(JsonNode report, string name, string code)
    {
        ((bool)report["ok"]!).ShouldBeFalse();
        var failed = report["checks"]!.AsArray().Where(static check => !(bool)check!["ok"]!).ShouldHaveSingleItem(report.ToJsonString())!;
        (failed["name"]!.ToString(), failed["code"]!.ToString()).ShouldBe((name, code), report.ToJsonString());
        failed["hint"]!.ToString().ShouldNotBeNullOrWhiteSpace();
        return failed;
    }

    private static string Names(JsonNode report) => string.Join(", ", report["checks"]!.AsArray().Select(static check => check!["name"]!.ToString()));

    /// <summary>No token in the answer, in a log or in the audit log, nor the secret that was read.</summary>
    private async Task ShouldHaveLeakedNothingAsync(JsonNode report)
    {
        var audit = (await Operator.GetReplyAsync("/v1/audit-events")).ShouldBe(200).Body;
        audit.ShouldContain("workload_identity.test");
        audit.ShouldContain("token.mint");
        foreach (var text in new[] { report.ToJsonString(), audit, string.Join('\n', _host.Logs.Lines) })
        {
            Token.IsMatch(text).ShouldBeFalse(text);
            text.ShouldNotContain("canary-value-77");
        }
    }

    [GeneratedRegex(@"eyJ[\w-]+\.")]
    private static partial Regex Token { get; }

    /// <summary>The real one, where loopback is as public as any other address.</summary>
    private sealed class FromOutside(IIssuerProbe probe) : IIssuerProbe
    {
        public Task<IssuerReach> GetReachAsync(Uri address, CancellationToken cancellationToken) => Task.FromResult(IssuerReach.Public);

        public Task<Result<PublishedDocument>> GetAsync(Uri address, CancellationToken cancellationToken) => probe.GetAsync(address, cancellationToken);
    }

    public sealed class Direct() : FederationDoctorTests(Head.Direct);

    public sealed class BehindARouter() : FederationDoctorTests(Head.BehindARouter);
}
