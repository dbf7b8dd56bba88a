using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Access;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>The way of a token, from whom it is about to what was read with it.</summary>
public sealed class FederationDoctorTests : DoctorTest
{
    [Fact]
    public async Task Where_all_is_well_it_says_so_step_by_step_and_as_whom()
    {
        await GivenAsync();
        Provider.Clock = Instance.Clock.GetUtcNow;

        var report = await ReportAsync(Secret);

        report.Ok.ShouldBeTrue(string.Join(' ', report.Steps));
        Names(report).ShouldBe(Healthy + ", read");
        report.Identity.ShouldBe(As("crew"));
        Step(report, "subject").Note.ShouldBe($"{As("crew")}: {As("crew").Length} of at most 127 characters.");
        Step(report, "audience").Note.ShouldBe("https://reader.example.com, as fake expects unless it was told otherwise.");
        Step(report, "credential").Note.ShouldBe("Through credential 'main'.");
        Step(report, "exchange").Note.ShouldBe($"We became {As("crew")}.");
        Step(report, "clock").Note.ShouldBe("Our clock is within 0 s of fake's and of the one at the issuer's address.");
        Step(report, "response-time").Note.ShouldBe("discovery document 0.0 s, key set 0.0 s.");
        Step(report, "read").Note.ShouldBe("Version 1 was read.");
        Probe.Asked.ShouldBe(["https://issuer.example.com/.well-known/openid-configuration", "https://issuer.example.com/.well-known/jwks.json"]);
    }

    [Fact]
    public async Task It_shows_what_the_very_token_says_that_was_exchanged()
    {
        await GivenAsync();

        var token = (await ReportAsync()).Token.ShouldNotBeNull();

        var exchanged = Provider.Exchanged.ShouldHaveSingleItem();
        token.Claims.GetProperty("jti").GetString().ShouldBe(exchanged.GetProperty("jti").GetString());
        (token.Issuer, token.Audience, token.Subject).ShouldBe(("https://issuer.example.com", "https://reader.example.com", As("crew")));
        token.Header.EnumerateObject().Select(static field => field.Name).ShouldBe(["alg", "kid", "typ"]);
        token.KeyId.ShouldBe((await Instance.IssuerKeys.GetPublishedAsync(None)).ShouldSucceed()[0].KeyId);
    }

    [Fact]
    public async Task It_exchanges_anew_whatever_is_open_or_cached()
    {
        await GivenAsync();
        await ValueAsync("crew");

        (await ReportAsync(Secret)).Ok.ShouldBeTrue();
        (await ReportAsync(Secret)).Ok.ShouldBeTrue();

        Provider.Exchanged.Count.ShouldBe(3);
        Provider.Closed.ShouldBe(2);
    }

    [Fact]
    public async Task A_subject_is_no_longer_and_no_finer_than_the_configuration_says()
    {
        await GivenAsync(Config(subjectScope: SubjectScope.Project), "crew");

        var report = await ReportAsync();

        report.Token.ShouldNotBeNull().Subject.ShouldBe("org:default:project:default");
        report.Token.Claims.TryGetProperty("automation", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_is_out_of_scope_gets_no_token()
    {
        await GivenAsync();
        (await PutConfigAsync(Config(environments: ["dev"]))).ShouldSucceed();

        Failed(await ReportAsync(), "subject", "reference.config_out_of_scope");

        Provider.Opened.ShouldBe(0);
        (await Instance.AuditEventsAsync())[0].GetProperty("outcome").GetString().ShouldBe("failure");
        (await Instance.AuditEventsAsync()).ShouldNotContain(static entry => entry.GetProperty("action").GetString() == "token.mint");
    }

    [Fact]
    public async Task Without_an_issuer_there_is_no_token_to_go_on_with()
    {
        var mute = await Instance.StartAsync(clock: Instance.Clock, providers: [Provider]);
        (await mute.Configs.PutAsync(mute.Owner, "main", Config(), Precondition.None, None)).ShouldSucceed();
        await mute.AutomateAsync("crew");
        var config = (await mute.Configs.FindAsync(mute.Owner, "main", None)).ShouldSucceed().Document;

        var report = (await mute.Doctor.RunAsync(
            new Session(mute.Owner, await mute.ViewAsync()), config, new(new("crew", null, "prod"), null, null), None)).ShouldSucceed();

        Failed(report, "mint", "issuer.not_configured").Failure!.Hint.ShouldNotBeNull().ShouldContain("SecretFunctions:Issuer");
        Names(report).ShouldBe("subject, mint");
        report.Token.ShouldBeNull();
    }

    [Fact]
    public async Task What_is_wrong_with_the_request_is_no_outcome()
    {
        await GivenAsync();
        (await PutConfigAsync(Config(), "other")).ShouldSucceed();
        (await PutCredentialAsync("other", name: "others")).ShouldSucceed();

        (await RunAsync(automation: null)).ShouldFail("workload_identity.no_automation").Kind.ShouldBe(FailureKind.Invalid);
        (await RunAsync(automation: "none")).ShouldFail("automation.not_found").Kind.ShouldBe(FailureKind.Invalid);
        (await RunAsync(environment: "none")).ShouldFail("environment.not_found").Kind.ShouldBe(FailureKind.Invalid);
        (await RunAsync(credential: "none")).ShouldFail("credential.not_found").Kind.ShouldBe(FailureKind.Invalid);
        (await RunAsync(credential: "others")).ShouldFail("workload_identity.other_credential").Kind.ShouldBe(FailureKind.Invalid);
        Provider.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_for_other_environments_gets_no_token_of_this_one()
    {
        await GivenAsync();

        (await RunAsync(caller: Instance.Owner.NarrowedTo(environments: ["dev"]))).ShouldFail("access.environment_not_allowed");

        Provider.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reading_takes_what_testing_a_credential_takes()
    {
        await GivenAsync();
        Permissions.TryParse(new Dictionary<string, string> { ["workload_identity_configs"] = "manage" }, "", out var only, out _).ShouldBeTrue();
        var identities = Instance.Owner.Holding(only!);

        (await RunAsync(secret: Secret, caller: identities)).ShouldFail("access.permission_missing");
        (await RunAsync(caller: identities)).ShouldSucceed().Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task The_first_credential_that_is_for_them_is_taken_unless_one_is_named()
    {
        await ProjectAsync("web");
        await GivenAsync();
        (await PutCredentialAsync(projects: ["web"], name: "a-webs")).ShouldSucceed();

        Step(await ReportAsync(), "credential").Note.ShouldBe("Through credential 'main'.");
        var named = (await RunAsync(credential: "a-webs")).ShouldSucceed();
        Failed(named, "credential", "reference.out_of_scope");
        Names(named).ShouldBe("subject, mint, issuer, discovery, algorithm, keys, response-time, audience, credential, clock");
    }

    [Fact]
    public async Task Without_a_credential_a_token_is_exchanged_and_nothing_read()
    {
        (await PutConfigAsync(Config())).ShouldSucceed();
        await Instance.AutomateAsync("crew");

        var report = await ReportAsync(Secret);

        Failed(report, "read", "workload_identity.no_credential");
        Provider.Exchanged.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_secret_that_is_not_there_fails_the_read_alone()
    {
        await GivenAsync();

        var report = await ReportAsync("none");

        Failed(report, "read", ProviderFailure.SecretNotFound);
        report.Identity.ShouldBe(As("crew"));
    }

    [Fact]
    public async Task Each_token_is_recorded_before_the_test_and_no_token_with_it()
    {
        await GivenAsync();
        Refuse("FAKE-SLOW", 1);

        await ReportAsync();

        var log = await Instance.AuditEventsAsync();
        log.Take(3).Select(static entry => entry.GetProperty("action").GetString()).ShouldBe(["workload_identity.test", "token.mint", "token.mint"]);
        log[0].GetProperty("target").GetRawText().ShouldBe($$"""{"config":"main","automation":"crew","environment":"prod","subject":"{{As("crew")}}"}""");
        log[1].GetProperty("target").GetRawText().ShouldBe($$"""{"audience":"https://reader.example.com","subject":"{{As("crew")}}","config":"main","purpose":"test"}""");
        log.ShouldAllBe(static entry => !entry.GetRawText().Contains("eyJ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_cannot_be_recorded_goes_nowhere()
    {
        await GivenAsync();
        Instance.Store.BeforeWrite = static _ => throw new StoreUnavailableException("Down.");

        await Should.ThrowAsync<StoreUnavailableException>(() => RunAsync());

        Provider.Exchanged.ShouldBeEmpty();
    }
}
