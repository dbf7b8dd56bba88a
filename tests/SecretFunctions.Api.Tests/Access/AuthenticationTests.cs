using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

public abstract class AuthenticationTests(Head head) : ApiTest(head)
{
    [Theory]
    [InlineData(null, "auth.missing", "Bearer")]
    [InlineData("", "auth.missing", "Bearer")]
    [InlineData("Bearer", "auth.missing", "Bearer")]
    [InlineData("Basic dXNlcjpwYXNz", "auth.missing", "Bearer")]
    [InlineData("Bearer short", "auth.invalid", "Bearer error=\"invalid_token\"")]
    [InlineData("Bearer the-operator-key-of-these-tests-4712", "auth.invalid", "Bearer error=\"invalid_token\"")]
    [InlineData("Bearer sfk_aaaaaaaaaaaaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "auth.invalid", "Bearer error=\"invalid_token\"")]
    [InlineData("Bearer \u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9", "auth.invalid", "Bearer error=\"invalid_token\"")]
    public async Task Whoever_is_not_recognized_is_told_how_to_be(string? authorization, string code, string challenge)
    {
        (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
        var reply = (await Host.Anonymous.GetReplyAsync("/v1/whoami", headers)).ShouldBeProblem(401, code);
        reply.Headers.WwwAuthenticate.ToString().ShouldBe(challenge);
    }

    [Fact]
    public async Task The_scheme_is_read_in_any_case_and_only_once()
    {
        (await Host.Anonymous.GetReplyAsync("/v1/whoami", ("Authorization", $"bearer {ApiHost.OperatorKey}"))).ShouldBe(200);
        (await Host.Anonymous.GetReplyAsync("/v1/whoami", ("Authorization", $"Bearer {ApiHost.OperatorKey}"), ("Authorization", $"Bearer {ApiHost.OperatorKey}"))).ShouldBeProblem(401, "auth.missing");
    }

    [Fact]
    public async Task A_key_with_another_ones_secret_is_not_recognized()
    {
        await Operator.MemberAsync("ann@example.org");
        await Operator.MemberAsync("bob@example.org");
        var one = await Operator.KeyAsync("""{"name":"1","principal":{"type":"member","name":"ann@example.org"}}""");
        var two = await Operator.KeyAsync("""{"name":"2","principal":{"type":"member","name":"bob@example.org"}}""");
        (await Host.Client(one[..24] + two[24..]).GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
        (await Host.Client(one[..^1]).GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
        (await Host.Client(one).GetReplyAsync("/v1/whoami")).ShouldBe(200);
    }

    [Fact]
    public async Task The_operator_holds_everything()
    {
        (await Operator.GetReplyAsync("/v1/whoami")).ShouldBe(200, """
            {"principal":{"type":"service","name":"operator"},"organization":"default",
             "permissions":{"secret_providers":"manage","workload_identity_configs":"manage","environment_variables":"manage","secret_values":"manage","automations":"manage",
                            "members":"manage","api_keys":"manage","audit_events":"manage","keys":"manage","cache":"manage"},
             "environments":null,
             "grants":[{"rule":"operator",
                        "permissions":{"secret_providers":"manage","workload_identity_configs":"manage","environment_variables":"manage","secret_values":"manage","automations":"manage",
                                       "members":"manage","api_keys":"manage","audit_events":"manage","keys":"manage","cache":"manage"},
                        "projects":null,"environments":null}]}
            """);
    }

    public sealed class Direct() : AuthenticationTests(Head.Direct);

    public sealed class BehindARouter() : AuthenticationTests(Head.BehindARouter);
}
