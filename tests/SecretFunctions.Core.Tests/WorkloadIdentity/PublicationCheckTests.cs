using System.Text.Json.Nodes;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity.Doctor;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>What others find at the issuer's address, held against the token. A cloud may let it in all the same: the test goes on.</summary>
public sealed class PublicationCheckTests : DoctorTest
{
    private static readonly Failure NoAnswer = new(FailureKind.Unresolved, IIssuerProbe.Unreachable, "issuer.example.com cannot be connected to.") { Hint = "Check it." };

    [Fact]
    public async Task An_issuer_that_does_not_answer()
    {
        await GivenAsync();
        Probe.Fails["/openid-configuration"] = NoAnswer;

        var report = await ReportAsync();

        Failed(report, "discovery", "issuer.unreachable");
        Names(report).ShouldBe("subject, mint, issuer, discovery, audience, credential, exchange");
        report.Identity.ShouldBe(As("crew"));
    }

    [Theory]
    [InlineData(302, "redirects")]
    [InlineData(403, "bot check")]
    [InlineData(404, "/.well-known")]
    [InlineData(502, "log")]
    public async Task One_that_answers_something_else(int status, string hint)
    {
        await GivenAsync();
        Probe.Status = status;

        var failure = Failed(await ReportAsync(), "discovery", "issuer.discovery_missing").Failure!;

        failure.Detail.ShouldBe($"https://issuer.example.com/.well-known/openid-configuration answers with status {status}.");
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
    }

    [Theory]
    [InlineData("<html>Please sign in</html>")]
    [InlineData("[]")]
    [InlineData("{\"issuer\":\"https://issuer.example.com\"}")]
    [InlineData("{\"issuer\":\"https://issuer.example.com\",\"issuer\":\"https://issuer.example.com\",\"jwks_uri\":\"https://issuer.example.com/keys\"}")]
    public async Task One_whose_discovery_document_is_none(string page)
    {
        await GivenAsync();
        Probe.Page = page;

        Failed(await ReportAsync(), "discovery", "issuer.discovery_malformed");
    }

    [Theory]
    [InlineData("https://issuer.example.com/")]
    [InlineData("https://other.example.com")]
    [InlineData(null)]
    public async Task A_document_that_names_another_issuer(string? named)
    {
        await GivenAsync();
        Probe.Discovery = document => document["issuer"] = named;

        Failed(await ReportAsync(), "discovery", "issuer.mismatch").Failure!.Detail
            .ShouldBe($"The token's issuer is https://issuer.example.com, and the discovery document there names {named ?? "(nothing)"}.");
    }

    [Fact]
    public async Task A_document_that_does_not_list_how_tokens_are_signed()
    {
        await GivenAsync();
        Probe.Discovery = static document => document["id_token_signing_alg_values_supported"] = new JsonArray("ES256", "PS256");

        Failed(await ReportAsync(), "algorithm", "issuer.algorithm").Failure!.Detail
            .ShouldBe("The token is signed with RS256, and the discovery document lists ES256, PS256; clouds take RS256.");
    }

    [Theory]
    [InlineData("http://issuer.example.com/keys")]
    [InlineData("/keys")]
    public async Task Keys_at_an_address_that_is_not_https(string address)
    {
        await GivenAsync();
        Probe.Discovery = document => document["jwks_uri"] = address;

        Failed(await ReportAsync(), "keys", "issuer.keys_not_https").Failure!.Detail.ShouldContain(address);
    }

    [Fact]
    public async Task Keys_that_do_not_answer()
    {
        await GivenAsync();
        Probe.Fails["/jwks.json"] = NoAnswer;

        Failed(await ReportAsync(), "keys", "issuer.unreachable");
    }

    [Fact]
    public async Task Keys_without_the_tokens_key_name_both()
    {
        await GivenAsync();
        Probe.Keys = static keys =>
        {
            foreach (var key in keys)
            {
                key!["kid"] = "old-key";
            }
        };

        var report = await ReportAsync();

        Failed(report, "keys", "issuer.key_missing").Failure!.Detail.ShouldBe(
            $"The token names the key {report.Token!.KeyId}, and the key set at https://issuer.example.com/.well-known/jwks.json does not have it: it has old-key.");
    }

    [Fact]
    public async Task Another_key_under_the_tokens_key_id()
    {
        await GivenAsync();
        Probe.Keys = static keys =>
        {
            foreach (var key in keys)
            {
                key!["n"] = key["n"]!.ToString()[..^4] + "AAAA";
            }
        };

        Failed(await ReportAsync(), "keys", "issuer.key_differs");
    }

    [Theory]
    [InlineData(1.9, null, "0 s, key set 1.9 s.")]
    [InlineData(2.5, null, "slow")]
    [InlineData(5.2, "issuer.slow", "5.2 s")]
    public async Task Answers_that_take_longer_than_clouds_wait(double seconds, string? code, string words)
    {
        await GivenAsync();
        Probe.Took = TimeSpan.FromSeconds(seconds);

        var step = Step(await ReportAsync(), "response-time");

        step.Failure?.Code.ShouldBe(code);
        (step.Failure?.Detail ?? step.Note).ShouldNotBeNull().ShouldContain(words.Replace("0 s, key", $"{seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)} s, key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_loopback_issuer_is_nobodys_but_ours_and_the_rest_goes_on()
    {
        await GivenAsync();
        Probe.Reach = IssuerReach.Loopback;

        var report = await ReportAsync();

        Failed(report, "issuer", "issuer.loopback").Failure!.Hint.ShouldNotBeNull().ShouldContain("SecretFunctions:Issuer");
        Names(report).ShouldBe(Healthy);
        report.Identity.ShouldBe(As("crew"));
    }

    [Fact]
    public async Task What_our_own_rules_keep_us_from_is_one_failure_and_not_three()
    {
        await GivenAsync();
        Probe.Reach = IssuerReach.Loopback;
        Probe.Fails["/openid-configuration"] = new Failure(FailureKind.Unresolved, IIssuerProbe.Blocked, "It is not a public address.");

        var report = await ReportAsync();

        Failed(report, "issuer", "issuer.loopback").Failure!.Detail.ShouldEndWith("What it publishes was not looked at: It is not a public address.");
        Names(report).ShouldBe("subject, mint, issuer, audience, credential, exchange");
    }

    [Theory]
    [InlineData(IssuerReach.Private, "issuer.not_public")]
    [InlineData(IssuerReach.Nowhere, "issuer.unreachable")]
    public async Task A_name_that_is_only_read_differently_from_here_is_no_failure_once_the_cloud_let_us_in(IssuerReach reach, string code)
    {
        await GivenAsync();
        Probe.Reach = reach;

        var report = await ReportAsync();
        report.Ok.ShouldBeTrue();
        Step(report, "issuer").Note.ShouldNotBeNull().ShouldContain("It let us in all the same");

        Refuse("E1", 1);
        var refused = await ReportAsync();
        Step(refused, "issuer").Failure.ShouldNotBeNull().Code.ShouldBe(code);
        Step(refused, "exchange").Failure!.Hint.ShouldNotBeNull().ShouldStartWith("First see to what failed besides (issuer)");
    }

    [Fact]
    public async Task A_store_in_the_same_network_may_take_an_issuer_that_is_not_public()
    {
        var vault = new Testing.FakeProvider("vault-like", Testing.FakeAbilities.Versions) { Federation = Testing.FakeProvider.Cloud("vault-like") with { IsSelfHosted = true } };
        var instance = await Instance.StartAsync(clock: Instance.Clock, providers: [vault]);
        instance.Issuer.Announce("https://issuer.example.com");
        instance.Probe.Reach = IssuerReach.Private;
        (await instance.Configs.PutAsync(instance.Owner, "main", Config(cloud: "vault-like", subjectScope: SubjectScope.Organization), Precondition.None, None)).ShouldSucceed();
        var config = (await instance.Configs.FindAsync(instance.Owner, "main", None)).ShouldSucceed().Document;

        var report = (await instance.Doctor.RunAsync(new(instance.Owner, await instance.ViewAsync()), config, new(new(null, null, "prod"), null, null), None)).ShouldSucceed();

        report.Ok.ShouldBeTrue();
        Step(report, "issuer").Note.ShouldBe("https://issuer.example.com leads to a private address, which vault-like must be able to reach.");
    }
}
