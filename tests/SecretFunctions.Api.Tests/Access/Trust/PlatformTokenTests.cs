using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access.Trust;

/// <summary>Tokens as platforms make them, and what they open.</summary>
public abstract class PlatformTokenTests(Head head) : TrustTest(head)
{
    private const string Tenant = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    [Fact]
    public async Task A_workflow_of_GitHub_Actions_resolves_what_its_automation_was_assigned_without_any_static_secret()
    {
        const string github = "https://token.actions.githubusercontent.com";
        await Operator.AutomationWithAsync("deploy", ("DB", "postgres"));
        await TrustAsync("github", "automation:deploy", """{"repository":"acme/web","ref":"refs/heads/main"}""", github);
        var claims = Claims(
            ("iss", github), ("ref", "refs/heads/main"), ("repository_owner", "acme"), ("repository_id", "74"), ("repository_visibility", "private"), ("run_attempt", "1"),
            ("event_name", "push"), ("job_workflow_ref", "acme/web/.github/workflows/deploy.yml@refs/heads/main"), ("runner_environment", "github-hosted"));
        var workflow = Host.Client(Issuer.Sign(claims));

        (await workflow.ResolvedAsync("{}")).ShouldBe("DB=postgres");
        (await workflow.PostAsync("/v1/render", """{"templates":{"t":"{{DB}}://"}}""")).ShouldBe(200, """{"rendered":{"t":"postgres://"}}""");
        (await workflow.GetReplyAsync("/v1/whoami")).ShouldBe(200, """{"principal":{"type":"automation","name":"deploy"},"organization":"default","permissions":{},"environments":null,"grants":[]}""");
        (await workflow.GetReplyAsync("/v1/variables")).ShouldBeProblem(403, "access.automation_only_itself");
        claims["ref"] = "refs/pull/7/merge";
        (await WhoamiAsync(claims)).ShouldBeProblem(401, "auth.token_claim").Errors.ShouldBe(["auth.token_claim github.conditions.ref"]);
    }

    [Fact]
    public async Task A_managed_identity_of_Entra_ID_stands_for_its_automation()
    {
        const string entra = $"https://login.microsoftonline.com/{Tenant}/v2.0";
        await Operator.AutomationWithAsync("nightly", ("DB", "postgres"));
        await TrustAsync("entra", "automation:nightly", """{"oid":"9d1c8e3e-7b54-4f0e-a0f5-6b1b7f1f0a11","tid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301"}""", entra, "a6f9f4bf-1111-4222-8333-444455556666");
        var claims = Claims(
            ("iss", entra), ("aud", "a6f9f4bf-1111-4222-8333-444455556666"), ("oid", "9d1c8e3e-7b54-4f0e-a0f5-6b1b7f1f0a11"), ("azp", "c0ffee00-0000-4000-8000-000000000001"),
            ("azpacr", "2"), ("tid", Tenant), ("ver", "2.0"), ("uti", "x"));

        (await Host.Client(Issuer.Sign(claims)).ResolvedAsync("{}")).ShouldBe("DB=postgres");
        claims["oid"] = "9d1c8e3e-7b54-4f0e-a0f5-6b1b7f1f0a12";
        (await WhoamiAsync(claims)).ShouldBeProblem(401, "auth.token_claim");
    }

    [Fact]
    public async Task A_service_account_of_Kubernetes_stands_for_its_automation()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Issuer.AddKey("cluster", key);
        await Operator.AutomationWithAsync("crew", ("DB", "postgres"));
        await TrustAsync("cluster", "automation:crew", """{"sub":"system:serviceaccount:crews:billing","/kubernetes.io/namespace":["crews","crews-2"]}""");
        JsonObject Token(string space) => Claims(
            ("aud", new JsonArray(Audience, "https://kubernetes.default.svc")),
            ("sub", "system:serviceaccount:crews:billing"),
            ("kubernetes.io", new JsonObject { ["namespace"] = space, ["serviceaccount"] = new JsonObject { ["name"] = "billing", ["uid"] = "1" } }));

        (await Host.Client(Issuer.Sign(Token("crews"), "cluster", "ES256")).ResolvedAsync("{}")).ShouldBe("DB=postgres");
        (await WhoamiAsync(Issuer.Sign(Token("default"), "cluster", "ES256"))).ShouldBeProblem(401, "auth.token_claim").Errors
            .ShouldBe(["auth.token_claim cluster.conditions./kubernetes.io/namespace"]);
    }

    [Fact]
    public async Task A_person_s_token_holds_what_a_key_of_theirs_would()
    {
        await Operator.MemberAsync("ann@example.org");
        await TrustAsync("people", "member:Ann@example.org", """{"email":"ann@example.org","email_verified":"true"}""");
        var ann = Host.Client(Issuer.Sign(Claims(("email", "ann@example.org"), ("email_verified", true))));

        var reply = (await ann.GetReplyAsync("/v1/whoami")).ShouldBe(200);
        ((string?)reply.Json["principal"]!["name"]).ShouldBe("ann@example.org");
        ((string?)reply.Json["permissions"]!["keys"]).ShouldBe("manage");
        await ann.VariableAsync("dev/MINE?scope=personal", "1");
        (await ann.PutAsync("/v1/organizations/acme", "{}")).ShouldBeProblem(403, "access.operator_only");
        (await ann.GetReplyAsync("/v1/organizations/default")).ShouldBeProblem(403, "access.operator_only");
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    public async Task What_issuers_sign_with_is_checked(string algorithm)
    {
        using var curve = ECDsa.Create(algorithm == "ES384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        Issuer.AddKey("curve", curve);
        await DeployAsync();
        var token = Issuer.Sign(Claims(), algorithm[0] == 'E' ? "curve" : "key-1", algorithm);
        (await WhoamiAsync(token)).ShouldBe(200);

        var tampered = token.Split('.');
        tampered[1] = Issuer.Sign(Claims(("jti", "other"))).Split('.')[1];
        (await WhoamiAsync(string.Join('.', tampered))).ShouldBeProblem(401, "auth.token_signature");
    }

    [Fact]
    public async Task The_log_says_which_token_it_was_and_holds_none()
    {
        await DeployAsync();
        var sub = "repo:acme/web\u202E\n" + new string('s', 500);
        var token = Issuer.Sign(Claims(("sub", sub)));
        (await Host.Client(token).ResolvedAsync("{}")).ShouldBe("DB=postgres");
        (await WhoamiAsync(token + "A")).Status.ShouldBe(401);

        var entry = (await Operator.GetReplyAsync("/v1/audit-events?limit=1")).ShouldBe(200).Json["items"]![0]!;
        Reply.ShouldBeJson(entry["actor"], $$"""
            {"type":"automation","name":"deploy","trustedIssuer":"ci","subject":"repo:acme/web\uFFFD\uFFFD{{new string('s', 256 - 15)}}","tokenId":"4b5c"}
            """);
        var signature = token.Split('.')[2];
        Host.Logs.Lines.ShouldNotContain(line => line.Text.Contains(signature, StringComparison.Ordinal));
        (await Operator.GetReplyAsync("/v1/audit-events?limit=200")).Body.ShouldNotContain(signature);
    }

    [Fact]
    public async Task A_token_opens_the_organization_that_trusts_it_and_no_other()
    {
        await Host.OrganizationAsync("acme");
        await DeployAsync();
        var token = Issuer.Sign(Claims());

        (await WhoamiAsync(token)).ShouldBe(200);
        (await WhoamiAsync(token, "default")).ShouldBe(200);
        foreach (var organization in new[] { "acme", "nowhere", "../default", "Default" })
        {
            (await WhoamiAsync(token, organization)).ShouldBeProblem(401, "auth.issuer_not_trusted");
        }
    }

    [Fact]
    public async Task The_same_token_can_stand_for_somebody_else_in_another_organization()
    {
        await Host.OrganizationAsync("acme");
        var acme = Host.OperatorOf("acme");
        await acme.AutomationWithAsync("ship", ("DB", "mysql"));
        (await PutAsync(acme, "ci", "automation:ship", """{"repository":"acme/web"}""")).ShouldBe(201);
        await DeployAsync();
        var token = Issuer.Sign(Claims());

        (await Host.Client(token).ResolvedAsync("{}")).ShouldBe("DB=postgres");
        (await Host.Client(token, "acme").ResolvedAsync("{}")).ShouldBe("DB=mysql");
    }

    [Fact]
    public async Task Where_several_trusted_issuers_fit_they_must_agree_on_whom_the_token_stands_for()
    {
        await DeployAsync();
        await Operator.AutomationAsync("other");
        await TrustAsync("ci-main", "automation:deploy", """{"sub":"repo:acme/web:ref:refs/heads/main"}""");
        await TrustAsync("ci-other", "automation:other", """{"repository":"acme/api"}""");
        await TrustAsync("ci-elsewhere", "automation:other", """{"repository":"acme/web"}""", audience: "https://elsewhere.example.org");
        (await WhoamiAsync(Claims())).ShouldBe(200);
        ((string?)(await WhoamiAsync(Claims(("repository", "acme/api"), ("sub", "s")))).ShouldBe(200).Json["principal"]!["name"]).ShouldBe("other");

        await TrustAsync("ci-same", "automation:other", """{"repository":["acme/web","acme/api"]}""");
        (await WhoamiAsync(Claims())).ShouldBeProblem(401, "auth.token_ambiguous");

        (await WhoamiAsync(Claims(("repository", "acme/none"), ("sub", "s")))).ShouldBeProblem(401, "auth.token_claim").Errors.ShouldBe(
        [
            "auth.token_claim ci.conditions.repository", "auth.token_audience ci-elsewhere.audience", "auth.token_claim ci-main.conditions.sub",
            "auth.token_claim ci-other.conditions.repository", "auth.token_claim ci-same.conditions.repository",
        ]);
    }

    public sealed class Direct() : PlatformTokenTests(Head.Direct);

    public sealed class BehindARouter() : PlatformTokenTests(Head.BehindARouter);
}
