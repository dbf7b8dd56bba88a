using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Variables;

public abstract class ImportTests(Head head) : ApiTest(head)
{
    private const string Path = "/v1/variables/dev/import";

    [Fact]
    public async Task A_document_is_imported_and_says_what_it_did()
    {
        const string document = "\uFEFF# settings\r\nexport ONE='1'\r\nTWO=\"a\\nb\" # two lines\r\nTHREE=`\"`\r\nPEM=\"first\r\nsecond\"\r\n";
        (await Operator.ImportAsync($"{Path}?dryRun=true", document)).ShouldBe(200, """{"created":4,"updated":0,"unchanged":0,"errors":[]}""");
        (await Operator.ResolvedAsync("{}")).ShouldBe("");

        (await Operator.ImportAsync(Path, document)).ShouldBe(200, """{"created":4,"updated":0,"unchanged":0,"errors":[]}""");
        (await Operator.ImportAsync(Path, document)).ShouldBe(200, """{"created":0,"updated":0,"unchanged":4,"errors":[]}""");
        (await Operator.ImportAsync(Path, "ONE=2\nTWO='a\nb'\nFOUR=")).ShouldBe(200, """{"created":1,"updated":1,"unchanged":1,"errors":[]}""");
        (await Operator.PostAsync("/v1/variables/dev/FOUR/reveal")).ShouldBe(200, """{"value":"","version":1}""");
        (await Operator.PostAsync("/v1/variables/dev/ONE/reveal")).ShouldBe(200, """{"value":"2","version":2}""");
    }

    [Fact]
    public async Task Who_may_not_see_values_learns_nothing_by_guessing_them()
    {
        await Operator.VariableAsync("dev/ONE", "1");
        var writer = await Host.ServiceAsync("writer", "environment_variables: manage");
        foreach (var guess in new[] { "1", "2" })
        {
            (await writer.ImportAsync($"{Path}?dryRun=true", $"ONE={guess}\nTWO=2")).ShouldBe(200, """{"created":1,"updated":1,"unchanged":0,"errors":[]}""");
        }

        (await writer.ImportAsync(Path, "ONE=1")).ShouldBe(200, """{"created":0,"updated":1,"unchanged":0,"errors":[]}""");
        (await writer.GetReplyAsync("/v1/variables/dev/ONE/versions")).Json["items"]!.AsArray().Count.ShouldBe(2);
        (await Operator.ImportAsync(Path, "ONE=1")).ShouldBe(200, """{"created":0,"updated":0,"unchanged":1,"errors":[]}""");
    }

    [Fact]
    public async Task Every_wrong_line_is_named_and_nothing_is_imported()
    {
        var reply = (await Operator.ImportAsync(Path, "GOOD=1\nthis is wrong\nALSO_GOOD=2\nBAD=\"never ends\n")).ShouldBeProblem(400, "dotenv.invalid");
        reply.Json["errors"]!.AsArray().Select(error => (int)error!["line"]!).ShouldBe([2, 4]);
        (await Operator.GetReplyAsync("/v1/variables")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_document_is_imported_into_the_scope_it_is_for()
    {
        await Operator.AutomationAsync("crew");
        var ann = await Host.MemberAsync("ann@example.org");
        foreach (var scope in new[] { "project:default", "automation:crew", "personal" })
        {
            (await ann.ImportAsync($"{Path}?scope={scope}", "KEY=1")).ShouldBe(200);
            (await ann.GetReplyAsync($"/v1/variables/dev/KEY?scope={scope}")).ShouldBe(200);
        }

        (await Operator.GetReplyAsync("/v1/variables/dev/KEY")).ShouldBeProblem(404, "variable.not_found");
        (await Operator.ImportAsync($"{Path}?scope=project:other", "KEY=1")).ShouldBeProblem(404, "project.not_found");
        (await Operator.ImportAsync($"{Path}?scope=automation:other", "KEY=1")).ShouldBeProblem(404, "automation.not_found");
        (await Operator.ImportAsync($"{Path}?dryRun=maybe", "KEY=1")).ShouldBeProblem(400, "query.invalid");
    }

    [Fact]
    public async Task A_document_too_large_for_one_transaction_is_refused_whole()
    {
        static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"KEY_{i}=1\n"));
        (await Operator.ImportAsync(Path, Lines(99))).ShouldBeProblem(400, "import.too_large");
        (await Operator.GetReplyAsync("/v1/variables")).Items.ShouldBeEmpty();
        (await Operator.ImportAsync(Path, Lines(98))).ShouldBe(200, """{"created":98,"updated":0,"unchanged":0,"errors":[]}""");
    }

    [Fact]
    public async Task An_import_is_plain_text()
    {
        (await Operator.PostAsync(Path, "{}")).ShouldBeProblem(415, "body.media_type");
        (await Operator.SendAsync(HttpMethod.Post, Path, Requests.Content([0x4B, 0x3D, 0xFF], "text/plain"))).ShouldBeProblem(400, "dotenv.invalid");
        (await Operator.SendAsync(HttpMethod.Post, Path, Requests.Content("K=1", "text/plain; charset=utf-16"))).ShouldBeProblem(415, "body.charset");
    }

    public sealed class Direct() : ImportTests(Head.Direct);

    public sealed class BehindARouter() : ImportTests(Head.BehindARouter);
}
