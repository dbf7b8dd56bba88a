using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access.Matrix;

/// <summary>
/// Every operation, asked for by everybody: who is let in, who is refused, and who is told that there is nothing. What is expected follows from what
/// each caller was given (<see cref="MatrixCallers"/>) and what each operation asks (<see cref="MatrixEntries"/>), by rules written here a second time.
/// </summary>
public abstract class AccessMatrixTests(Head head) : ApiTest(head)
{
    private readonly Dictionary<string, string> _ids = [];

    [Fact]
    public async Task Every_operation_of_the_document_is_in_the_matrix_and_no_other()
    {
        var document = (await Host.Anonymous.GetReplyAsync("/openapi/v1.json")).ShouldBe(200).Json;
        var documented = document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(verb => $"{verb.Key.ToUpperInvariant()} {path.Key}"));
        MatrixEntries.All.Select(static entry => entry.Operation).Concat(MatrixEntries.Public).Distinct().Order().ShouldBe(documented.Order());
    }

    [Fact]
    public async Task Everybody_is_let_in_where_they_were_given_leave_and_nowhere_else()
    {
        await ArrangeAsync();
        var wrong = new List<string>();
        foreach (var caller in await MatrixCallers.AllAsync(Host))
        {
            foreach (var entry in MatrixEntries.All)
            {
                var expected = caller.Judge(entry);
                var reply = await entry.SendAsync(caller.Client, _ids);
                if (!Fits(reply, expected, entry))
                {
                    wrong.Add($"{caller.Name}: {entry} should be {expected}, and was answered {reply}");
                }
            }
        }

        wrong.Count.ShouldBe(0, $"{wrong.Count} answers:\n{string.Join('\n', wrong.Take(40))}");
    }

    [Fact]
    public async Task Whoever_is_not_recognized_is_let_in_nowhere()
    {
        await ArrangeAsync();
        foreach (var entry in MatrixEntries.All)
        {
            (await entry.SendAsync(Host.Anonymous, _ids)).ShouldBeProblem(401, "auth.missing");

            // Slowed down after a while, and never let in.
            (await entry.SendAsync(Host.Client("sfk_aaaaaaaaaaaaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), _ids)).Code.ShouldBeOneOf("auth.invalid", "auth.too_many_failures");
        }
    }

    /// <summary>An owner elsewhere meets the very answers that they would get if nothing of this organization existed.</summary>
    [Fact]
    public async Task Another_organizations_owner_learns_nothing()
    {
        await Host.OrganizationAsync("empty");
        await Host.OrganizationAsync("acme");
        var empty = Host.OperatorOf("empty");
        await ArrangeAsync();
        var outsider = await OwnerOfAsync("acme");
        var stranger = await OwnerOfAsync("empty");
        // What there is to list first: their own attempts show in their own log.
        foreach (var entry in MatrixEntries.All.Where(static entry => !entry.NamesSomething && entry.Operation.StartsWith("GET ", StringComparison.Ordinal)))
        {
            var body = (await entry.SendAsync(outsider, _ids)).Body;
            foreach (var name in new[] { "crew", "\"web\"", "OF_WEB", "\"KEY\"", "ann@example.org", "plain", "hook" }.Concat(_ids.Values))
            {
                body.ShouldNotContain(name, Case.Sensitive, entry.ToString());
            }
        }

        foreach (var entry in MatrixEntries.All.Where(static entry => entry.NamesSomething && !entry.ForOperator && !entry.ForAnybodyKnown))
        {
            var there = await entry.SendAsync(outsider, _ids);
            var control = await entry.SendAsync(stranger, _ids);
            there.Status.ShouldBe(control.Status, entry.ToString());
            there.Code.ShouldBe(control.Code, entry.ToString());
            there.Status.ShouldBeOneOf([400, 403, 404, 412], $"{entry}: {there}");
        }
    }

    private static bool Fits(Reply reply, Verdict expected, MatrixEntry entry) => expected switch
    {
        Verdict.Refused => reply.Status == 403,

        // 400 where it was named in the body or the query, and not by the path.
        Verdict.Hidden => reply.Status == 404 || (reply.Status == 400 && reply.Code == "automation.not_found"),
        _ => reply.Status == entry.Status,
    };

    private async Task<HttpClient> OwnerOfAsync(string organization)
    {
        var there = Host.OperatorOf(organization);
        (await there.PutAsync("/v1/members/eve@example.org", """{"roles":["owner"]}""")).ShouldBe(201);
        return Host.Client(await there.KeyAsync("""{"name":"k","principal":{"type":"member","name":"eve@example.org"}}"""));
    }

    /// <summary>One of everything, in the project web and the environment dev, or of the organization as a whole.</summary>
    private async Task ArrangeAsync()
    {
        (await Operator.PutAsync("/v1/organizations/default", """{"tokenAudiences":["us"]}""")).ShouldBe(200);
        await Operator.ProjectAsync("web");
        await Operator.ProjectAsync("shop");
        (await Operator.PutAsync("/v1/roles/plain", """{"permissions":{}}""")).ShouldBe(201);
        (await Operator.PutAsync("/v1/members/ann@example.org", """{"roles":["plain"]}""")).ShouldBe(201);
        await Operator.AutomationAsync("crew", "web");
        await Operator.VariableAsync("dev/KEY", "1");
        await Operator.VariableAsync("dev/OTHER", "4");
        await Operator.VariableAsync("dev/OF_WEB?scope=project:web", "2");
        await Operator.VariableAsync("dev/OF_CREW?scope=automation:crew", "3");
        await Operator.AssignAsync("crew", "dev", "KEY", "OF_WEB project", "OF_CREW automation");
        _ids["snapshot"] = (string)(await Operator.PostAsync("/v1/automations/crew/snapshots", "{}")).ShouldBe(201).Json["id"]!;
        _ids["key"] = (string)(await Operator.PostAsync(
            "/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"crew"},"environments":["dev"]}""")).ShouldBe(201).Json["id"]!;
        (await Operator.PutAsync("/v1/workload-identity-configs/fake", """{"cloud":"fake","role":"reader"}""")).ShouldBe(201);
        foreach (var name in new[] { "shared", "webs" })
        {
            var project = name == "webs" ? "web" : null;
            (await Operator.PutAsync($"/v1/provider-credentials/{name}", MatrixEntries.Credential(project))).ShouldBe(201);
            (await Operator.PutAsync($"/v1/workload-identity-configs/{name}", MatrixEntries.Config(project))).ShouldBe(201);
        }

        (await Operator.PutAsync("/v1/trusted-issuers/hook", MatrixEntries.Hook)).ShouldBe(201);
    }

    protected override void Configure(IServiceCollection services) => services.AddFakeCloud(FakeCloud.Provider());

    public sealed class Direct() : AccessMatrixTests(Head.Direct);

    public sealed class BehindARouter() : AccessMatrixTests(Head.BehindARouter);
}
