using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access.Matrix;

/// <summary>Somebody who calls, and what they were given.</summary>
internal sealed record MatrixCaller(string Name, HttpClient Client, params MatrixGrant[] Grants)
{
    public bool IsOperator { get; init; }

    /// <summary>The automation that the entries are about.</summary>
    public bool IsTheAutomation { get; init; }

    public bool IsMember { get; init; } = true;

    /// <summary>Has something personal, and so a credential that is their own.</summary>
    public bool HasOwnCredential { get; init; }

    public Verdict Judge(MatrixEntry entry)
    {
        if (entry.ForOwnCredentials)
        {
            return HasOwnCredential ? Verdict.Admitted : Verdict.Refused;
        }

        if (entry.ForAnybodyKnown || (IsTheAutomation && entry.ForTheAutomation))
        {
            return Verdict.Admitted;
        }

        if (IsTheAutomation || entry.ForAutomationsAlone || (entry.ForOperator && !IsOperator))
        {
            return Verdict.Refused;
        }

        if (IsOperator)
        {
            return Verdict.Admitted;
        }

        // In the order in which they are asked: the first that is not met decides.
        var verdict = entry.Demands.Count == 0
            ? Verdict.Refused
            : entry.Demands.Select(demand => Judge(demand, entry)).FirstOrDefault(static verdict => verdict != Verdict.Admitted, Verdict.Admitted);
        return verdict == Verdict.Refused && entry.OwnIsEnough && IsMember ? entry.IsFoundFirst ? Verdict.Hidden : Verdict.Admitted : verdict;
    }

    private Verdict Judge(MatrixDemand demand, MatrixEntry entry)
    {
        var holding = Grants.Where(grant => grant.Holds(demand.Feature, demand.Level)).ToList();
        var isMet = demand.Matches switch
        {
            Matching.Anywhere => holding.Count > 0,
            Matching.Touches => holding.Exists(grant => grant.Touches(demand.Place)),
            Matching.AnyProject => InSomeProject(holding, demand),
            _ => holding.Exists(grant => grant.Covers(demand.Place)),
        };
        if (isMet)
        {
            return Verdict.Admitted;
        }

        // Before anything is looked up, one question can be asked: whether any project at all would do, in the environment that the request names.
        return entry.IsFoundFirst && !demand.IsTold && (entry.NamesTheEnvironment ? InSomeProject(holding, demand) : holding.Count > 0) ? Verdict.Hidden : Verdict.Refused;
    }

    private static bool InSomeProject(List<MatrixGrant> holding, MatrixDemand demand) =>
        holding.Exists(grant => grant.Covers(demand.Place with { Projects = grant.Projects }));
}

/// <summary>Everybody these tests know: each built-in role, each feature at each level alone, each kind of limit, each kind of principal.</summary>
internal static class MatrixCallers
{
    public static async Task<IReadOnlyList<MatrixCaller>> AllAsync(ApiHost host)
    {
        var members = new Members(host);
        var all = MatrixGrant.All();
        List<MatrixCaller> callers =
        [
            new("the operator", host.Operator) { IsOperator = true, IsMember = false },
            new("an owner", await members.AddAsync("owner@example.org", ["owner"]), all),
            new("an admin", await members.AddAsync("admin@example.org", ["admin"]), MatrixGrant.All(except: "keys")),
            new("a member", await members.AddAsync("member@example.org", ["member"]), MatrixGrant.Only("environment_variables: view", "automations: view")),
            new("a member without a role", await members.AddAsync("nobody@example.org", [])),
            new("an admin of one project", await members.AddAsync("web-admin@example.org", ["admin"], "web"), MatrixGrant.All(except: "keys") with { Projects = ["web"] }),
            new("an admin of another project", await members.AddAsync("shop-admin@example.org", ["admin"], "shop"), MatrixGrant.All(except: "keys") with { Projects = ["shop"] }),
            new("a key of an owner for one environment", await members.KeyAsync("owner@example.org", "dev"), all with { Environments = ["dev"] }),
            new("a key of an owner that may look at variables", await members.KeyAsync("owner@example.org", null, "environment_variables: view"), MatrixGrant.Only("environment_variables: view")),
            new("a key of a member that claims more", await members.KeyAsync("member@example.org", null, "environment_variables: manage", "automations: view"), MatrixGrant.Only("environment_variables: view", "automations: view")),
            new("a member who has something personal", await members.AddWithPersonalAsync("personal@example.org"), MatrixGrant.Only("environment_variables: view", "automations: view")) { HasOwnCredential = true },
            new("the automation", await host.AutomationAsync("crew")) { IsTheAutomation = true, IsMember = false },
        ];

        foreach (var feature in MatrixGrant.Features)
        {
            foreach (var level in new[] { "view", "manage" })
            {
                var grant = MatrixGrant.Only($"{feature}: {level}");
                callers.Add(new($"who holds {feature}: {level}", await members.AddInRoleAsync($"{feature}-{level}", grant), grant));
            }
        }

        // Every feature but one: what one endpoint asks of two features shows here.
        foreach (var feature in MatrixGrant.Features)
        {
            var grant = MatrixGrant.All(except: feature);
            callers.Add(new($"who lacks {feature}", await members.AddInRoleAsync($"without-{feature}", grant), grant));
        }

        foreach (var (name, grant) in new[]
        {
            ("web", all with { Projects = ["web"] }),
            ("shop", all with { Projects = ["shop"] }),
            ("dev", all with { Environments = ["dev"] }),
            ("prod", all with { Environments = ["prod"] }),
            ("web-dev", all with { Projects = ["web"], Environments = ["dev"] }),
            ("web-prod", all with { Projects = ["web"], Environments = ["prod"] }),
            ("shop-dev", all with { Projects = ["shop"], Environments = ["dev"] }),
        })
        {
            callers.Add(new($"who may do everything in {name}", await members.AddInRoleAsync($"in-{name}", grant), grant));
        }

        // Two grants do not make a third: manage in one project and view everywhere is no manage everywhere.
        MatrixGrant[] two = [MatrixGrant.Only([.. MatrixGrant.Features.Select(static feature => $"{feature}: view")]), all with { Projects = ["shop"] }];
        await members.RoleAsync("views", two[0]);
        await members.RoleAsync("runs-shop", two[1]);
        callers.Add(new("who sees everything and runs another project", await members.AddAsync("two@example.org", ["views", "runs-shop"]), two));

        callers.Add(new("a service", await host.ServiceAsync("service", "secret_values: view", "automations: view"), MatrixGrant.Only("secret_values: view", "automations: view")) { IsMember = false });
        return callers;
    }

    private sealed class Members(ApiHost host)
    {
        public async Task<HttpClient> AddInRoleAsync(string role, MatrixGrant grant)
        {
            var name = role.Replace('_', '-');
            await RoleAsync(name, grant);
            return await AddAsync($"{name}@example.org", [name]);
        }

        public async Task RoleAsync(string name, MatrixGrant grant) => (await host.Operator.PutAsync($"/v1/roles/{name}", new JsonObject
        {
            ["permissions"] = new JsonObject(grant.Levels.Select(static level => KeyValuePair.Create(level.Key, (JsonNode?)level.Value))),
            ["projects"] = grant.Projects is null ? null : Given.Strings(grant.Projects),
            ["environments"] = grant.Environments is null ? null : Given.Strings(grant.Environments),
        }.ToJsonString())).ShouldBe(201);

        public async Task<HttpClient> AddAsync(string email, string[] roles, string? project = null)
        {
            var member = new JsonObject { ["roles"] = Given.Strings(roles), ["projects"] = project is null ? null : Given.Strings([project]) };
            (await host.Operator.PutAsync($"/v1/members/{email}", member.ToJsonString())).ShouldBe(201);
            return await KeyAsync(email, null);
        }

        public async Task<HttpClient> AddWithPersonalAsync(string email)
        {
            var member = await AddAsync(email, ["member"]);
            await member.VariableAsync("dev/MINE?scope=personal", "5");
            return member;
        }

        public async Task<HttpClient> KeyAsync(string email, string? environment, params string[] permissions) => host.Client(await host.Operator.KeyAsync(new JsonObject
        {
            ["name"] = "matrix",
            ["principal"] = new JsonObject { ["type"] = "member", ["name"] = email },
            ["permissions"] = permissions.Length == 0 ? null : new JsonObject(permissions.Select(static permission => permission.Split(": ")).Select(static parts => KeyValuePair.Create(parts[0], (JsonNode?)parts[1]))),
            ["environments"] = environment is null ? null : Given.Strings([environment]),
        }.ToJsonString()));
    }
}
