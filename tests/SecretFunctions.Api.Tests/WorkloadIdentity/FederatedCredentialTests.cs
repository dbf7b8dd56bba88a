using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary>Credentials that hold no secret: a token of ours gets in.</summary>
public abstract class FederatedCredentialTests(Head head) : IdentityApiTest(head)
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Cloud.Put("openai", "read as {sub}");
        await Operator.AutomationAsync("crew");
    }

    [Fact]
    public async Task A_reference_through_one_resolves_as_whoever_asks()
    {
        await GivenAsync();
        await Operator.AutomationAsync("other");
        await Operator.AssignAsync("other", "dev", "KEY");

        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("KEY=read as org:default:project:default:environment:dev:automation:crew");
        (await Operator.ResolvedAsync("""{"automation":"other"}""")).ShouldBe("KEY=read as org:default:project:default:environment:dev:automation:other");
        (await (await Host.AutomationAsync("crew")).ResolvedAsync("{}")).ShouldBe("KEY=read as org:default:project:default:environment:dev:automation:crew");

        Cloud.Exchanged.Count.ShouldBe(2);
        Cloud.Exchanged.ShouldAllBe(static claims => claims.GetProperty("iss").GetString() == ApiHost.Issuer && claims.GetProperty("aud").GetString() == "https://reader.example.com");
    }

    [Fact]
    public async Task It_shows_its_configuration_and_is_patched_with_it()
    {
        (await PutConfigAsync()).ShouldBe(201);
        (await PutCredentialAsync()).ShouldBe(201).Json["auth"]!.ToJsonString().ShouldBe("""{"type":"workload-identity","config":"main"}""");

        (await Operator.PatchAsync("/v1/provider-credentials/main", """{"cacheTtlSeconds":60}""")).ShouldBe(200).Json["auth"]!.ToJsonString().ShouldBe("""{"type":"workload-identity","config":"main"}""");
        (await Operator.PatchAsync("/v1/provider-credentials/main", """{"auth":{"config":"none"}}""")).ShouldBeProblem(400, "credential.invalid").Errors.ShouldBe(["workload_identity.not_found auth.config"]);
        (await Operator.PatchAsync("/v1/provider-credentials/main", """{"auth":{"type":"ambient"}}""")).ShouldBe(200).Json["auth"]!.ToJsonString().ShouldBe("""{"type":"ambient"}""");
    }

    [Theory]
    [InlineData("""{"type":"workload-identity"}""", "credential.field_missing auth.config")]
    [InlineData("""{"type":"workload-identity","config":7}""", "credential.field_missing auth.config")]
    [InlineData("""{"type":"workload-identity","config":"../main"}""", "workload_identity.not_found auth.config")]
    [InlineData("""{"type":"workload-identity","config":"main","token":"t"}""", "credential.unknown_field auth.token")]
    public async Task What_is_wrong_with_its_authentication_is_named(string auth, string error)
    {
        (await PutConfigAsync()).ShouldBe(201);

        (await PutCredentialAsync(auth: auth)).ShouldBeProblem(400, "credential.invalid").Errors.ShouldBe([error]);
    }

    [Fact]
    public async Task Out_of_scope_nothing_resolves_and_no_token_is_made()
    {
        await GivenAsync();
        (await Operator.PatchAsync($"{Configs}/main", """{"environments":["prod"]}""")).ShouldBe(200);

        (await Operator.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["reference.config_out_of_scope KEY"]);
        (await Operator.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["workload_identity.no_automation KEY"]);
        Cloud.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_test_is_made_as_the_automation_that_is_named()
    {
        await GivenAsync();
        const string test = "/v1/provider-credentials/main/test";

        var reply = (await Operator.PostAsync($"{test}?automation=crew&environment=prod", """{"secret":"openai"}""")).ShouldBe(200);

        ((bool)reply.Json["ok"]!).ShouldBeTrue();
        reply.Json["identity"]!.ToString().ShouldBe("org:default:project:default:environment:prod:automation:crew");
        (await Operator.PostAsync(test)).ShouldBeProblem(400, "workload_identity.no_automation").Json["hint"]!.ToString().ShouldContain("?automation=NAME");
        (await Operator.PostAsync($"{test}?automation=none")).ShouldBeProblem(400, "automation.not_found");
        (await Operator.PostAsync($"{test}?automation=crew&environment=none")).ShouldBeProblem(400, "environment.not_found");
        (await Operator.PostAsync($"{test}?automation=crew&project=default")).ShouldBeProblem(400, "query.invalid");
        (await Operator.PostAsync($"{test}?automation=UP")).ShouldBeProblem(400, "name.invalid");
        Cloud.Exchanged.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_test_as_one_who_is_out_of_scope_is_a_failed_check()
    {
        await GivenAsync();
        (await Operator.PatchAsync($"{Configs}/main", """{"environments":["prod"]}""")).ShouldBe(200);

        var check = (await Operator.PostAsync("/v1/provider-credentials/main/test?automation=crew")).ShouldBe(200).Json["checks"]!.AsArray().ShouldHaveSingleItem()!;

        (check["name"]!.ToString(), check["code"]!.ToString()).ShouldBe(("subject", "reference.config_out_of_scope"));
        Cloud.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_are_listed_as_the_automation_or_project_that_is_named()
    {
        await GivenAsync();
        const string secrets = "/v1/provider-credentials/main/secrets";

        (await Operator.GetReplyAsync($"{secrets}?automation=crew")).ShouldBe(200, """{"items":["openai"],"complete":true,"detail":null}""");
        (await Operator.GetReplyAsync(secrets)).ShouldBeProblem(400, "workload_identity.no_automation");
        (await Operator.GetReplyAsync($"{secrets}?project=default")).ShouldBeProblem(400, "workload_identity.no_automation");

        (await Operator.PatchAsync($"{Configs}/main", """{"subjectScope":"project"}""")).ShouldBe(200);
        (await Operator.GetReplyAsync($"{secrets}?project=default")).ShouldBe(200);
        (await Operator.GetReplyAsync($"{secrets}?project=none")).ShouldBeProblem(400, "project.not_found");
        Cloud.Subjects.ShouldBe(["org:default:project:default:environment:dev:automation:crew", "org:default:project:default"]);
    }

    private async Task GivenAsync()
    {
        (await PutConfigAsync()).ShouldBe(201);
        (await PutCredentialAsync()).ShouldBe(201);
        (await Operator.PutAsync("/v1/variables/dev/KEY", """{"reference":{"credential":"main","secret":"openai"}}""")).ShouldBe(201);
        await Operator.AssignAsync("crew", "dev", "KEY");
    }

    public sealed class Direct() : FederatedCredentialTests(Head.Direct);

    public sealed class BehindARouter() : FederatedCredentialTests(Head.BehindARouter);
}
