using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Variables;

public abstract class VariableTests(Head head) : ApiTest(head)
{
    private static string Resource(int version, string scope = "organization", string tags = "[]") => $$"""
        {"name":"KEY","key":"KEY","environment":"dev","scope":"{{scope}}","hasValue":true,"sealed":false,"version":{{version}},"reference":null,"tags":{{tags}},"displayName":null,"description":null,
         "createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}
        """;

    [Fact]
    public async Task A_variable_is_stored_described_and_revealed()
    {
        (await Operator.PutAsync("/v1/variables/dev/KEY", """{"value":"s3cret","tags":["backend"]}""")).ShouldBe(201, Resource(1, tags: """["backend"]"""));
        (await Operator.GetReplyAsync("/v1/variables/dev/KEY")).ShouldBe(200, Resource(1, tags: """["backend"]"""));
        (await Operator.PutAsync("/v1/variables/dev/KEY", """{"value":"other"}""")).ShouldBe(200, Resource(2));
        var revealed = (await Operator.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBe(200, """{"value":"other","version":2}""");
        revealed.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("organization")]
    [InlineData("project:default")]
    [InlineData("automation:crew")]
    public async Task Each_scope_has_a_variable_of_its_own(string scope)
    {
        await Operator.AutomationAsync("crew");
        await Operator.VariableAsync($"dev/KEY?scope={scope}", "mine");
        foreach (var other in new[] { "organization", "project:default", "automation:crew" }.Where(other => other != scope))
        {
            (await Operator.GetReplyAsync($"/v1/variables/dev/KEY?scope={other}")).ShouldBeProblem(404, "variable.not_found");
        }

        (await Operator.GetReplyAsync($"/v1/variables/dev/KEY?scope={scope}")).ShouldBe(200, Resource(1, scope));
        (await Operator.DeleteReplyAsync($"/v1/variables/dev/KEY?scope={scope}")).ShouldBeNothing();
        (await Operator.DeleteReplyAsync($"/v1/variables/dev/KEY?scope={scope}")).ShouldBeProblem(404, "variable.not_found");
    }

    [Fact]
    public async Task Personal_variables_are_seen_by_their_owner_and_by_nobody_else()
    {
        var ann = await Host.MemberAsync("ann@example.org");
        var bob = await Host.MemberAsync("bob@example.org");
        await ann.VariableAsync("dev/KEY?scope=personal", "ann's");
        await bob.VariableAsync("dev/KEY?scope=personal", "bob's");

        (await ann.PostAsync("/v1/variables/dev/KEY/reveal?scope=personal")).ShouldBe(200, """{"value":"ann's","version":1}""");
        (await ann.GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBe(["KEY"]);
        (await ann.GetReplyAsync("/v1/variables?scope=personal&environment=prod")).Items.ShouldBeEmpty();
        (await ann.GetReplyAsync("/v1/variables")).Items.ShouldBeEmpty();
        (await bob.DeleteReplyAsync("/v1/variables/dev/KEY?scope=personal")).ShouldBeNothing();
        (await ann.GetReplyAsync("/v1/variables/dev/KEY?scope=personal")).ShouldBe(200);
        (await Operator.GetReplyAsync("/v1/variables")).Items.ShouldBeEmpty();
        (await Operator.GetReplyAsync("/v1/variables/dev/KEY?scope=personal")).ShouldBeProblem(403, "scope.personal_needs_member");
        (await Operator.GetReplyAsync("/v1/variables/dev/KEY?scope=personal:ann@example.org")).ShouldBeProblem(400, "scope.invalid");
    }

    [Fact]
    public async Task Variables_are_listed_by_environment_scope_and_tag()
    {
        await Operator.VariableAsync("dev/A", "1", "backend", "eu");
        await Operator.VariableAsync("dev/B?scope=project:default", "1", "frontend");
        await Operator.VariableAsync("prod/C", "1", "backend");
        (await Operator.GetReplyAsync("/v1/variables")).Items.ShouldBe(["A", "B", "C"]);
        (await Operator.GetReplyAsync("/v1/variables?environment=dev")).Items.ShouldBe(["A", "B"]);
        (await Operator.GetReplyAsync("/v1/variables?environment=dev&scope=organization")).Items.ShouldBe(["A"]);
        (await Operator.GetReplyAsync("/v1/variables?scope=project:default")).Items.ShouldBe(["B"]);
        (await Operator.GetReplyAsync("/v1/variables?tag=backend")).Items.ShouldBe(["A", "C"]);
        (await Operator.GetReplyAsync("/v1/variables?tag=back")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_may_be_words_of_the_addresses_themselves()
    {
        foreach (var key in new[] { "import", "reveal", "versions", "restore", "usage" })
        {
            await Operator.VariableAsync($"dev/{key}", key);
            (await Operator.GetReplyAsync($"/v1/variables/dev/{key}")).ShouldBe(200);
            (await Operator.PostAsync($"/v1/variables/dev/{key}/reveal")).ShouldBe(200, $$"""{"value":"{{key}}","version":1}""");
        }
    }

    [Fact]
    public async Task A_value_of_64_KiB_is_stored_and_one_byte_more_is_refused()
    {
        var largest = new string('x', 64 * 1024);
        await Operator.VariableAsync("dev/KEY", largest);
        ((string)(await Operator.PostAsync("/v1/variables/dev/KEY/reveal")).Json["value"]!).ShouldBe(largest);
        (await Operator.PutAsync("/v1/variables/dev/KEY", $$"""{"value":"{{largest}}x"}""")).ShouldBeProblem(400, "variable.value_too_large");
        (await Operator.PutAsync("/v1/variables/dev/KEY", $$"""{"value":"{{largest[1..]}}é"}""")).ShouldBeProblem(400, "variable.value_too_large");
        for (var version = 2; version <= 12; version++)
        {
            await Operator.VariableAsync("dev/KEY", largest);
        }
    }

    [Fact]
    public async Task An_empty_value_is_a_value()
    {
        await Operator.VariableAsync("dev/KEY", "");
        (await Operator.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBe(200, """{"value":"","version":1}""");
        (await Operator.ResolvedAsync("{}")).ShouldBe("KEY=");
    }

    [Fact]
    public async Task A_variable_needs_a_source() =>
        (await Operator.PutAsync("/v1/variables/dev/KEY", """{"tags":["a"]}""")).ShouldBeProblem(400, "variable.source_missing");

    public sealed class Direct() : VariableTests(Head.Direct);

    public sealed class BehindARouter() : VariableTests(Head.BehindARouter);
}
