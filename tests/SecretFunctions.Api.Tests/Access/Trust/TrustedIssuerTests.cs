using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access.Trust;

public abstract class TrustedIssuerTests(Head head) : TrustTest(head)
{
    private const string GitHub = "https://token.actions.githubusercontent.com";

    [Fact]
    public async Task A_trusted_issuer_is_made_shown_replaced_listed_and_deleted()
    {
        await Operator.AutomationAsync("deploy");
        const string request = """
            {"issuer":"https://token.actions.githubusercontent.com","audience":"secretfunctions","conditions":{"repository":"acme/web","ref":["refs/heads/main","refs/heads/next"]},
             "principal":{"type":"automation","name":"deploy"}}
            """;
        const string described = """
            {"name":"github","issuer":"https://token.actions.githubusercontent.com","audience":"secretfunctions",
             "conditions":{"repository":"acme/web","ref":["refs/heads/main","refs/heads/next"]},"principal":{"type":"automation","name":"deploy"},"jwksUri":null,
             "createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}
            """;
        var made = await Operator.PutAsync("/v1/trusted-issuers/github", request, ("If-None-Match", "*"));
        made.ShouldBe(201, described);
        (await Operator.GetReplyAsync("/v1/trusted-issuers/github")).ShouldBe(200, described).ETag.ShouldBe(made.ETag);
        (await Operator.GetReplyAsync("/v1/trusted-issuers")).ShouldBe(200, $$"""{"items":[{{described}}],"nextCursor":null}""");
        (await Operator.PutAsync("/v1/trusted-issuers/github", request, ("If-None-Match", "*"))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.PutAsync("/v1/trusted-issuers/github", request.Replace("acme/web", "acme/api", StringComparison.Ordinal), ("If-Match", made.ETag))).ShouldBe(200);
        (await Operator.DeleteReplyAsync("/v1/trusted-issuers/github", ("If-Match", made.ETag))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.DeleteReplyAsync("/v1/trusted-issuers/github")).ShouldBeNothing();
        (await Operator.GetReplyAsync("/v1/trusted-issuers/github")).ShouldBeProblem(404, "trusted_issuer.not_found");
        (await Operator.DeleteReplyAsync("/v1/trusted-issuers/github")).ShouldBeProblem(404, "trusted_issuer.not_found");

        var entries = (await Operator.GetReplyAsync("/v1/audit-events?limit=3")).Json["items"]!.AsArray();
        entries.Select(static entry => (string?)entry!["action"]).ShouldBe(["trusted-issuer.delete", "trusted-issuer.put", "trusted-issuer.put"]);
        Reply.ShouldBeJson(entries[1]!["target"], $$"""{"trustedIssuer":"github","issuer":"{{GitHub}}","principal":"automation:deploy"}""");
    }

    [Theory]
    [InlineData("issuer", "http://issuer.example.org", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://10.0.0.1", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://localhost", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://169.254.169.254", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "http://127.0.0.1:9", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://issuer.example.org?x", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://issuer.example.org#x", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://issuer.example.org/?", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://user@issuer.example.org", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", " https://issuer.example.org", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "https://*.example.org", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "file:///etc/passwd", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "issuer", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", "", "trusted_issuer.issuer_invalid")]
    [InlineData("issuer", OurName, "trusted_issuer.issuer_is_own")]
    [InlineData("issuer", "HTTPS://SECRETS.example.org/", "trusted_issuer.issuer_is_own")]
    [InlineData("audience", "", "trusted_issuer.audience_invalid")]
    [InlineData("audience", "*", "trusted_issuer.audience_invalid")]
    [InlineData("audience", "a\nb", "trusted_issuer.audience_invalid")]
    [InlineData("jwksUri", "http://issuer.example.org/keys", "trusted_issuer.jwks_uri_invalid")]
    [InlineData("jwksUri", "https://192.168.1.1/keys", "trusted_issuer.jwks_uri_invalid")]
    [InlineData("jwksUri", "keys", "trusted_issuer.jwks_uri_invalid")]
    public async Task An_address_or_audience_that_cannot_be_is_refused(string field, string value, string code)
    {
        await Operator.AutomationAsync("deploy");
        var request = System.Text.Json.Nodes.JsonNode.Parse(Request())!;
        request[field] = value;
        (await Operator.PutAsync("/v1/trusted-issuers/github", request.ToJsonString())).ShouldBeProblem(400, code);
        (await Operator.GetReplyAsync("/v1/trusted-issuers")).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{}", "trusted_issuer.conditions_required", "")]
    [InlineData("null", "trusted_issuer.conditions_required", "")]
    [InlineData("""{"repository":"*"}""", "trusted_issuer.conditions_required", "")]
    [InlineData("""{"repository":["acme/web","**"],"ref":"*"}""", "trusted_issuer.conditions_required", "")]
    [InlineData("""{"iss":"https://issuer.example.org"}""", "trusted_issuer.conditions_invalid", "trusted_issuer.condition_invalid conditions.iss")]
    [InlineData("""{"aud":"secretfunctions"}""", "trusted_issuer.conditions_invalid", "trusted_issuer.condition_invalid conditions.aud")]
    [InlineData("""{"repository":[]}""", "trusted_issuer.conditions_invalid", "trusted_issuer.condition_invalid conditions.repository")]
    [InlineData("""{"repository":""}""", "trusted_issuer.conditions_invalid", "trusted_issuer.condition_invalid conditions.repository")]
    [InlineData("""{"":"x"}""", "trusted_issuer.conditions_invalid", "trusted_issuer.condition_invalid conditions")]
    [InlineData("""{"/a/~2":"x"}""", "trusted_issuer.conditions_invalid", "trusted_issuer.condition_invalid conditions")]
    [InlineData("""{"repository":1}""", "body.invalid", "body.invalid_value conditions.repository")]
    [InlineData("""{"repository":null}""", "body.invalid", "body.invalid_value conditions.repository")]
    [InlineData("""{"repository":["acme/web",null]}""", "body.invalid", "body.invalid_value conditions.repository")]
    [InlineData("""{"repository":"a","repository":"b"}""", "body.invalid", "body.duplicate_property conditions.repository")]
    public async Task Conditions_that_cannot_be_are_refused(string conditions, string code, string error)
    {
        await Operator.AutomationAsync("deploy");
        var reply = (await Operator.PutAsync("/v1/trusted-issuers/github", Request(conditions))).ShouldBeProblem(400, code);
        (reply.Json["errors"] is null ? "" : string.Join(',', reply.Errors)).ShouldBe(error);
    }

    [Fact]
    public async Task There_are_at_most_sixteen_conditions()
    {
        await Operator.AutomationAsync("deploy");
        (await Operator.PutAsync("/v1/trusted-issuers/github", Request(Many(17)))).ShouldBeProblem(400, "trusted_issuer.conditions_invalid");
        (await Operator.PutAsync("/v1/trusted-issuers/github", Request(Many(16)))).ShouldBe(201);

        static string Many(int count) => $"{{{string.Join(',', Enumerable.Range(0, count).Select(static number => $"\"claim{number}\":\"x\""))}}}";
    }

    [Theory]
    [InlineData("service", "ci", "principal.invalid")]
    [InlineData("service", "operator", "principal.reserved")]
    [InlineData("robot", "r", "principal.invalid")]
    [InlineData("member", "ann", "principal.invalid")]
    [InlineData("automation", "nobody", "automation.not_found")]
    [InlineData("member", "nobody@example.org", "member.not_found")]
    public async Task A_principal_that_cannot_be_is_refused(string type, string name, string code) =>
        (await Operator.PutAsync("/v1/trusted-issuers/github", Request(principal: $$"""{"type":"{{type}}","name":"{{name}}"}"""))).ShouldBeProblem(400, code);

    [Fact]
    public async Task Only_an_owner_writes_a_wildcard()
    {
        await DeployAsync();
        const string wide = """{"repository":"acme/*","/job/refs":["refs/heads/*"]}""";
        var admin = await Host.ServiceAsync("admin", "api_keys: manage", "secret_values: manage", "automations: manage", "environment_variables: manage");
        var owner = await Host.MemberAsync("owner@example.org");
        var owns = Host.Client(await Operator.KeyAsync("""{"name":"k","principal":{"type":"member","name":"owner@example.org"},"environments":["dev"]}"""));

        (await PutAsync(admin, "narrow", "automation:deploy", """{"repository":"acme/web"}""")).ShouldBe(201);
        (await PutAsync(admin, "wide", "automation:deploy", wide)).ShouldBeProblem(403, "trusted_issuer.wildcard_not_allowed");
        (await PutAsync(admin, "narrow", "automation:deploy", wide)).ShouldBeProblem(403, "trusted_issuer.wildcard_not_allowed");
        (await PutAsync(owns, "wide", "automation:deploy", wide)).ShouldBeProblem(403, "trusted_issuer.wildcard_not_allowed");
        (await PutAsync(owner, "wide", "automation:deploy", wide)).ShouldBe(201);
        (await PutAsync(admin, "wide", "automation:deploy", wide)).ShouldBeProblem(403, "trusted_issuer.wildcard_not_allowed");
        (await admin.DeleteReplyAsync("/v1/trusted-issuers/wide")).ShouldBeNothing();
    }

    [Fact]
    public async Task Nobody_lets_in_more_than_they_hold()
    {
        await DeployAsync();
        var viewer = await Host.ServiceAsync("viewer", "api_keys: view");
        var maker = await Host.ServiceAsync("maker", "api_keys: manage", "automations: manage");
        var resolver = await Host.ServiceAsync("resolver", "api_keys: manage", "secret_values: view");
        var narrowed = Host.Client(await Operator.KeyAsync(
            """{"name":"n","principal":{"type":"service","name":"n"},"permissions":{"api_keys":"manage","secret_values":"view"},"environments":["dev"]}"""));
        const string conditions = """{"repository":"acme/web"}""";

        (await viewer.GetReplyAsync("/v1/trusted-issuers/ci")).ShouldBe(200);
        (await viewer.DeleteReplyAsync("/v1/trusted-issuers/ci")).ShouldBeProblem(403, "access.permission_missing");
        (await PutAsync(viewer, "x", "automation:deploy", conditions)).ShouldBeProblem(403, "access.permission_missing");
        (await PutAsync(maker, "x", "automation:deploy", conditions)).ShouldBeProblem(403, "access.permission_missing");
        (await PutAsync(narrowed, "x", "automation:deploy", conditions)).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await PutAsync(resolver, "x", "automation:deploy", conditions)).ShouldBe(201);
        await Operator.MemberAsync("ann@example.org");
        await Operator.MemberAsync("bob@example.org");
        (await PutAsync(resolver, "x", "member:ann@example.org", conditions)).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await PutAsync(await Host.MemberAsync("ann@example.org"), "x", "member:bob@example.org", conditions)).ShouldBe(200);
        (await (await Host.ServiceAsync("other", "automations: view")).GetReplyAsync("/v1/trusted-issuers")).ShouldBeProblem(403, "access.permission_missing");
    }

    [Theory]
    [InlineData("acme/*", "acme/", true)]
    [InlineData("acme/*", "acme/web/x", true)]
    [InlineData("acme/*", "acme", false)]
    [InlineData("acme/*", "evil/acme/web", false)]
    [InlineData("acme*", "acme-evil/web", true)]
    [InlineData("*/web", "acme/web", true)]
    [InlineData("*/web", "acme/web2", false)]
    [InlineData("acme/*-web", "acme/a-web-web", true)]
    [InlineData("acme/*-web", "acme/-web", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("a**", "a", true)]
    [InlineData("acme/web", "acme/*", false)]
    [InlineData("acme/w.b", "acme/web", false)]
    [InlineData("acme/?eb", "acme/web", false)]
    public async Task A_wildcard_stands_for_any_characters_where_it_was_written(string value, string claim, bool fits)
    {
        await DeployAsync();
        await TrustAsync("ci", "automation:deploy", $$"""{"repository":"{{value}}"}""");
        (await WhoamiAsync(Claims(("repository", claim)))).Status.ShouldBe(fits ? 200 : 401);
    }

    [Theory]
    [InlineData("groups", "ops", true)]
    [InlineData("groups", "dev", false)]
    [InlineData("verified", "true", true)]
    [InlineData("verified", "True", false)]
    [InlineData("number", "74", true)]
    [InlineData("number", "74.0", false)]
    [InlineData("fraction", "1.5", false)]
    [InlineData("nothing", "null", false)]
    [InlineData("/a~1b/c~0d/e", "deep", true)]
    [InlineData("/a~1b/list", "second", true)]
    [InlineData("/a~1b", "deep", false)]
    [InlineData("/groups/0", "ops", false)]
    [InlineData("https://acme.example.org/role", "crew", true)]
    [InlineData("/https:~1~1acme.example.org~1role", "crew", true)]
    [InlineData("a.b", "dotted", true)]
    public async Task A_claim_is_found_by_name_or_pointer(string claim, string value, bool fits)
    {
        await DeployAsync();
        await TrustAsync("ci", "automation:deploy", $$"""{"{{claim}}":"{{value}}"}""");
        var claims = Claims();
        foreach (var (name, more) in System.Text.Json.Nodes.JsonNode.Parse(
            """{"groups":["ops",7],"verified":true,"number":74,"fraction":1.5,"nothing":null,"a/b":{"c~d":{"e":"deep"},"list":["first","second"]},"https://acme.example.org/role":"crew","a.b":"dotted"}""")!.AsObject())
        {
            claims[name] = more?.DeepClone();
        }

        (await WhoamiAsync(claims)).Status.ShouldBe(fits ? 200 : 401);
    }

    [Fact]
    public async Task What_changes_takes_effect_at_once_here_and_within_the_window_elsewhere()
    {
        await DeployAsync();
        await using var elsewhere = await Host.StartAnotherAsync(Head, ("Providers:AllowedHosts", Issuer.Address.Authority));
        var token = Issuer.Sign(Claims());
        Task<Reply> ThereAsync() => elsewhere.Client(token).GetReplyAsync("/v1/whoami");
        await BothAsync(200, "");

        await TrustAsync("ci", "automation:deploy", """{"repository":"acme/api"}""");
        await BothAsync(401, "auth.token_claim");
        await TrustAsync("ci", "automation:deploy", """{"repository":"acme/web"}""");
        await BothAsync(200, "");
        await Operator.MemberAsync("ann@example.org");
        await TrustAsync("ci", "member:ann@example.org", """{"repository":"acme/web"}""");
        await BothAsync(200, "");
        ((string?)(await ThereAsync()).Json["principal"]!["name"]).ShouldBe("ann@example.org");
        (await Operator.DeleteReplyAsync("/v1/trusted-issuers/ci")).ShouldBeNothing();
        await BothAsync(401, "auth.issuer_not_trusted");

        async Task BothAsync(int status, string code)
        {
            var here = await WhoamiAsync(token);
            Host.Clock.Advance(TimeSpan.FromSeconds(1));
            foreach (var reply in new[] { here, await ThereAsync() })
            {
                reply.ShouldBe(status);
                (status == 200 ? "" : reply.Code).ShouldBe(code);
            }
        }
    }

    [Fact]
    public async Task A_deleted_automation_s_trust_is_gone_and_not_inherited_by_the_next_of_its_name()
    {
        await DeployAsync();
        (await WhoamiAsync(Claims())).ShouldBe(200);
        (await Operator.DeleteReplyAsync("/v1/automations/deploy")).ShouldBeNothing();
        (await WhoamiAsync(Claims())).ShouldBeProblem(401, "auth.issuer_not_trusted");
        (await PutAsync(Operator, "ci", "automation:deploy", """{"repository":"acme/web"}""")).ShouldBeProblem(400, "automation.not_found");

        (await Operator.DeleteReplyAsync("/v1/automations/deploy?release=true")).ShouldBeNothing();
        await Operator.AutomationAsync("deploy");
        (await WhoamiAsync(Claims())).ShouldBeProblem(401, "auth.issuer_not_trusted");
        (await Operator.GetReplyAsync("/v1/trusted-issuers")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_organization_has_at_most_a_hundred()
    {
        await Operator.AutomationAsync("deploy");
        foreach (var number in Enumerable.Range(0, 100))
        {
            await TrustAsync($"ci-{number}", "automation:deploy", $$"""{"repository":"acme/{{number}}"}""");
        }

        (await PutAsync(Operator, "one-more", "automation:deploy", """{"repository":"acme/web"}""")).ShouldBeProblem(409, "trusted_issuer.too_many");
        (await PutAsync(Operator, "ci-7", "automation:deploy", """{"repository":"acme/web"}""")).ShouldBe(200);
        (await WhoamiAsync(Claims())).ShouldBe(200);
        (await WhoamiAsync(Claims(("repository", "acme/none")))).ShouldBeProblem(401, "auth.token_claim").Errors.Count().ShouldBe(20);
    }

    private static string Request(string conditions = """{"repository":"acme/web"}""", string principal = """{"type":"automation","name":"deploy"}""") =>
        $$"""{"issuer":"{{GitHub}}","audience":"secretfunctions","conditions":{{conditions}},"principal":{{principal}}}""";

    public sealed class Direct() : TrustedIssuerTests(Head.Direct);

    public sealed class BehindARouter() : TrustedIssuerTests(Head.BehindARouter);
}
