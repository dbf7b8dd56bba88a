using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary><c>/v1/provider-credentials</c>: what may be written, and that what is secret never comes back.</summary>
public sealed class CredentialTests : StoresTest
{
    private const string Aws = "/v1/provider-credentials/aws";

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Static_fields_go_in_and_never_come_out(string provider)
    {
        var created = (await PutCredentialAsync(provider)).ShouldBe(201);

        var auth = created.Json["auth"]!.AsObject();
        auth.Select(static field => field.Key).ShouldBe(Stores.Credentials[provider]["auth"]!.AsObject().Select(static field => field.Key), ignoreOrder: true);
        ((string)auth["type"]!).ShouldBe("static");
        auth.Where(static field => field.Key != "type").ShouldAllBe(static field => field.Value!.ToJsonString(null) == """{"hasValue":true}""");
        var read = (await Operator.GetReplyAsync($"/v1/provider-credentials/{provider}")).ShouldBe(200);
        read.Body.ShouldBe(created.Body);
        read.ETag.ShouldBe(created.ETag);
        (await Operator.GetReplyAsync($"/v1/provider-credentials?provider={provider}")).Items.ShouldBe([provider]);
        foreach (var setting in Stores.Credentials[provider].Where(static field => field.Key is not ("auth" or "provider")))
        {
            Reply.ShouldBeJson(read.Json[setting.Key], setting.Value!.ToJsonString());
        }
    }

    [Fact]
    public async Task A_secret_does_not_follow_to_another_address()
    {
        const string path = "/v1/provider-credentials/moved";
        (await Operator.PutAsync(path, """{"provider":"hashicorp-vault","address":"https://vault.example.com","auth":{"type":"static","token":"hvs.made-up"}}""")).ShouldBe(201);

        (await Operator.PatchAsync(path, """{"address":"https://elsewhere.example.com"}""")).ShouldBeProblem(400, "credential.invalid").Errors.ShouldContain("credential.field_missing auth.token");
        (await Operator.PatchAsync(path, """{"provider":"1password-connect","vault":"v"}""")).ShouldBeProblem(400, "credential.invalid").Errors.ShouldContain("credential.field_missing auth.token");
        ((string?)(await Operator.GetReplyAsync(path)).Json["address"]).ShouldBe("https://vault.example.com");
        (await Operator.PatchAsync(path, """{"address":"https://vault.example.com","mount":"other"}""")).ShouldBe(200);
        (await Operator.PatchAsync(path, """{"address":"https://elsewhere.example.com","auth":{"token":"hvs.another"}}""")).ShouldBe(200);
    }

    [Fact]
    public async Task What_is_left_out_has_its_default()
    {
        var json = (await PutCredentialAsync("hashicorp-vault", static credential =>
        {
            credential.Remove("mount");
            credential.Remove("kvVersion");
        })).ShouldBe(201).Json;

        ((string)json["mount"]!).ShouldBe("secret");
        ((int)json["kvVersion"]!).ShouldBe(2);
        ((int)json["cacheTtlSeconds"]!).ShouldBe(300);
        ((int)json["staleIfErrorSeconds"]!).ShouldBe(0);
        ((string)json["scope"]!).ShouldBe("organization");
        ((bool)json["default"]!).ShouldBeFalse();
        json["expiresAt"].ShouldBeNull();
        ((string)json["updatedBy"]!).ShouldBe("service:operator");
    }

    [Fact]
    public async Task A_patch_of_one_static_field_keeps_the_others()
    {
        await ReferAsync("A", "cyberark-conjur", "a-1");
        await AssignAsync("A");
        await ResolvedAsync();
        Stores.Conjur.ApiKey = "canary-rotated-api-key";
        Stores.Put("cyberark-conjur", "a", "a-2");

        (await Operator.PatchAsync("/v1/provider-credentials/cyberark-conjur", """{"auth":{"apiKey":"canary-rotated-api-key"}}""")).ShouldBe(200);

        (await ResolvedAsync()).ShouldBe("A=a-2");
    }

    [Fact]
    public async Task A_patch_of_the_way_to_authenticate_drops_the_fields_of_the_one_before()
    {
        (await PutCredentialAsync("aws-secrets-manager", name: "aws")).ShouldBe(201);

        (await Operator.PatchAsync(Aws, """{"auth":{"type":"ambient"}}""")).ShouldBe(200).Json["auth"]!.ToJsonString().ShouldBe("""{"type":"ambient"}""");
        (await Operator.PatchAsync(Aws, """{"auth":{"type":"static"}}""")).ShouldBeProblem(400, "credential.invalid").Errors
            .ShouldBe(["credential.field_missing auth.accessKeyId", "credential.field_missing auth.secretAccessKey"]);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once_by_its_path()
    {
        var reply = (await Operator.PutAsync("/v1/provider-credentials/vault", """
            { "provider": "hashicorp-vault", "address": "http://vault.example.com", "kvVersion": 3, "mout": "secret",
              "auth": { "type": "static", "token": "has a space canary-wrong" } }
            """)).ShouldBeProblem(400, "credential.invalid");

        reply.Errors.ShouldBe(
        [
            "credential.unknown_field mout", "credential.field_invalid address", "credential.field_invalid kvVersion", "credential.field_invalid auth.token",
        ]);
        reply.Body.ShouldNotContain("canary-wrong");
        reply.Json["errors"]!.AsArray().Select(static error => (string)error!["detail"]!)
            .ShouldAllBe(static detail => char.IsUpper(detail[0]) && detail.EndsWith('.'));
    }

    [Theory]
    [InlineData("""{ "provider": "azure-key-vault" }""", "body.invalid")]
    [InlineData("""{ "provider": "nobodys", "auth": { "type": "static" } }""", "credential.provider_unknown")]
    [InlineData("""{ "provider": "aws-secrets-manager", "region": "eu-west-1", "auth": { "type": "telepathy" } }""", "credential.invalid")]
    [InlineData("""{ "provider": "aws-secrets-manager", "region": "eu-west-1", "auth": { "type": "ambient" }, "cacheTtlSeconds": 86401 }""", "credential.invalid")]
    [InlineData("""{ "provider": "aws-secrets-manager", "region": "eu-west-1", "auth": { "type": "ambient" }, "staleIfErrorSeconds": -1 }""", "credential.invalid")]
    [InlineData("""{ "provider": "aws-secrets-manager", "region": "eu-west-1", "auth": { "type": "ambient" }, "projects": ["default"] }""", "credential.invalid")]
    [InlineData("""{ "provider": "aws-secrets-manager", "region": "eu-west-1", "auth": { "type": "ambient" }, "scope": "projects", "projects": ["nobodys"] }""", "credential.invalid")]
    [InlineData("""{ "provider": "aws-secrets-manager", "region": "eu-west-1", "auth": { "type": "ambient" }, "automations": ["nobodys"] }""", "credential.invalid")]
    public async Task A_credential_that_cannot_work_is_not_stored(string json, string code)
    {
        (await Operator.PutAsync(Aws, json)).ShouldBeProblem(400, code);
        (await Operator.GetReplyAsync(Aws)).ShouldBeProblem(404, "credential.not_found");
    }

    [Theory]
    [InlineData("hashicorp-vault", "address")]
    [InlineData("cyberark-conjur", "address")]
    [InlineData("1password-connect", "address")]
    [InlineData("azure-key-vault", "vaultUrl")]
    public async Task Addresses_that_requests_may_not_go_to_are_refused_when_they_are_written(string provider, string field)
    {
        foreach (var address in new[]
        {
            "https://10.1.2.3", "https://192.168.1.1", "https://169.254.169.254", "https://[::1]", "https://[fd00::1]", "https://localhost", "https://0.0.0.0",
            "http://store.example.com", "https://user:password@store.example.com", "https://store.example.com/#x", "ftp://store.example.com", "store.example.com",
        })
        {
            (await PutCredentialAsync(provider, credential => credential[field] = address)).ShouldBeProblem(400, "credential.invalid").Errors
                .ShouldBe([$"credential.field_invalid {field}"], address);
        }
    }

    [Fact]
    public async Task Conditions_on_the_etag_are_honoured()
    {
        var created = (await PutCredentialAsync("aws-secrets-manager", name: "aws")).ShouldBe(201);
        var patched = (await Operator.PatchAsync(Aws, """{"cacheTtlSeconds":60}""", ("If-Match", created.ETag))).ShouldBe(200);

        patched.ETag.ShouldNotBe(created.ETag);
        ((int)patched.Json["cacheTtlSeconds"]!).ShouldBe(60);
        (await Operator.PatchAsync(Aws, """{"cacheTtlSeconds":61}""", ("If-Match", created.ETag))).ShouldBe(412);
        (await Operator.PutAsync(Aws, Stores.Credentials["aws-secrets-manager"].ToJsonString(), ("If-None-Match", "*"))).ShouldBe(412);
        (await Operator.DeleteReplyAsync(Aws, ("If-Match", created.ETag))).ShouldBe(412);
        (await Operator.DeleteReplyAsync(Aws, ("If-Match", patched.ETag))).ShouldBeNothing();
    }

    [Fact]
    public async Task When_it_expires_is_kept_and_can_be_taken_back()
    {
        (await PutCredentialAsync("azure-key-vault", static credential => credential["expiresAt"] = "2027-01-02T00:00:00Z", "aws"))
            .ShouldBe(201).Json["expiresAt"]!.GetValue<DateTimeOffset>().ShouldBe(new DateTimeOffset(2027, 1, 2, 0, 0, 0, TimeSpan.Zero));

        (await Operator.PatchAsync(Aws, """{"expiresAt":null}""")).ShouldBe(200).Json["expiresAt"].ShouldBeNull();
    }

    [Fact]
    public async Task A_credential_in_use_is_deleted_only_by_force()
    {
        await ReferAsync("A", "cyberark-conjur", "a-1");
        await AssignAsync("A");
        var member = await Host.MemberAsync("someone@example.org", "environment_variables: manage", "secret_providers: view");
        (await member.PutAsync("/v1/variables/dev/SECRETLY_MINE?scope=personal", Reference("cyberark-conjur", "a"))).ShouldBe(201);

        var refused = (await Operator.DeleteReplyAsync("/v1/provider-credentials/cyberark-conjur")).ShouldBeProblem(409, "credential.in_use");

        refused.Errors.ShouldBe(["credential.used_by A", "credential.used_by"]);
        refused.Body.ShouldNotContain("SECRETLY_MINE");
        refused.Body.ShouldNotContain("someone@example.org");
        (await Operator.DeleteReplyAsync("/v1/provider-credentials/cyberark-conjur?force=true")).ShouldBeNothing();
        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["credential.not_found A"]);
    }

    [Fact]
    public async Task A_credential_made_anew_under_a_name_reads_through_nothing_of_the_one_before()
    {
        await ReferAsync("A", "hashicorp-vault", "a-1");
        await AssignAsync("A");
        await ResolvedAsync();
        (await Operator.DeleteReplyAsync("/v1/provider-credentials/hashicorp-vault?force=true")).ShouldBeNothing();

        (await PutCredentialAsync("hashicorp-vault", static credential => credential["auth"]!["token"] = "nobodys")).ShouldBe(201);

        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["provider.authentication_failed A"]);
    }

    [Fact]
    public async Task The_services_own_identity_is_the_operators_to_lend()
    {
        const string ambient = """{ "provider": "aws-secrets-manager", "region": "eu-west-1", "auth": { "type": "ambient" } }""";
        var admin = await Host.MemberAsync("admin@example.org", "secret_providers: manage");

        (await admin.PutAsync(Aws, ambient)).ShouldBeProblem(403, "credential.ambient_not_allowed");
        (await Operator.PutAsync(Aws, ambient)).ShouldBe(201);
        (await admin.PatchAsync(Aws, """{"region":"eu-west-2"}""")).ShouldBeProblem(403, "credential.ambient_not_allowed");

        await using var generous = await ApiHost.StartAsync(Head.Direct, null, ("Providers:AllowAmbient", "true"));
        (await (await generous.MemberAsync("admin@example.org", "secret_providers: manage")).PutAsync(Aws, ambient)).ShouldBe(201);
    }
}
