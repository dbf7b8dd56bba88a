using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SecretFunctions.Api.Tests.Access;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Http;

/// <summary>Requests nobody would think of, against every route: never a 500, a problem with a code whenever refused, and then nothing changed.</summary>
public abstract class RequestPropertyTests(Head head) : ApiTest(head)
{
    private const int Requests = 600;

    private static readonly Gen<string> NameGen = Gen.OneOf(
        Gen.Elements("dev", "prod", "default", "crew", "KEY", "1", "organization", "personal", "project:default", "automation:crew", "project:", "no", "x"),
        Gen.Elements("%2F", "..", "%2e%2e", "%C3%A9", "%E0%80", "%zz", "a%20b", "a|b", "~", "A", "%0A", "'", "a+b@c", "%F0%9F%94%91", new string('a', 64), new string('K', 700)));

    private static readonly Gen<string> ScalarGen = Gen.Elements(
        "null", "true", "0", "-1", "1e400", "99999999999999999999", "\"\"", "\"dev\"", "\"default\"", "\"KEY\"", "\"crew\"", "\"ann@example.org\"", "\"member\"", "\"automation\"",
        "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"{{KEY}}\"", "\"{{\"", "\"*\"", "\"2020-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59+14:00\"", "\"manage\"",
        "\"" + new string('x', 3000) + "\"");

    private static readonly Gen<string> PropertyGen = Gen.Elements(
        "value", "tags", "displayName", "description", "project", "owner", "items", "key", "scope", "name", "principal", "type", "permissions", "environments", "expiresAt",
        "templates", "automation", "environment", "kickoff", "id", "kind", "triggeredBy", "snapshot", "fresh", "partial", "secret_values", "unknown", "Value", "", "\\ud800", "\\u0000", "$type", "__proto__");

    private static readonly Gen<string> BodyGen = Gen.OneOf(
        JsonGen(3),
        from json in JsonGen(2) from cut in Gen.Choose(0, json.Length) select json[..cut],
        Gen.Elements("", "\uFEFF{}", "{} {}", "{,}", "KEY=1\nexport B='2'", "KEY=\"", "=", "# only", "\0", "A=\0"));

    private static readonly Gen<string> ContentTypeGen = Gen.Frequency(
        (12, Gen.Constant("application/json")),
        (4, Gen.Constant("application/merge-patch+json")),
        (4, Gen.Constant("text/plain")),
        (1, Gen.Elements("application/json; charset=utf-16", "text/html", "application/json; charset=\"", "*/*")));

    private static readonly Gen<(string, string)> HeaderGen =
        from name in Gen.Elements("If-Match", "If-None-Match", "X-Organization", "Content-Encoding", "Accept", "X-Unknown", "Authorization", "Range", "X-HTTP-Method-Override")
        from value in Gen.Elements("*", "", "\"x\"", "W/\"x\"", ",,,", "default", "acme", "gzip", "a/b", "\u00E9", "\"", "Bearer x", "DELETE", new string('"', 300))
        select (name, value);

    private static readonly Gen<string> QueryGen =
        from name in Gen.Elements("limit", "cursor", "environment", "scope", "project", "tag", "dryRun", "release", "unknown", "%00", "")
        from value in Gen.OneOf(NameGen, Gen.Elements("0", "-1", "201", "true", "%00", "%ED%A0%80", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""))
        select $"{name}={value}";

    [Fact]
    public async Task No_request_breaks_anything()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", "1"));
        var organization = await StoreDump.OrganizationIdAsync(Host, "default");
        var routes = (await Routes.AllAsync(Host)).SelectMany(Routes.Names).Where(static route => !route.StartsWith("DELETE /v1/organizations", StringComparison.Ordinal)).ToArray();
        var requests =
            from route in Gen.Elements(routes)
            from names in NameGen.ArrayOf(3)
            from query in QueryGen.ArrayOf().Resize(3)
            from headers in HeaderGen.ArrayOf().Resize(2)
            from body in BodyGen
            from type in ContentTypeGen
            select new Sent(route, names, query, headers, body, type);

        // One after the other, on one deployment: each request meets what the ones before have made.
        var statuses = new List<int>();
        foreach (var request in requests.Sample(Requests))
        {
            var before = await StoreDump.ReadAsync(Host, organization);
            var reply = await request.SendAsync(Operator);
            statuses.Add(reply.Status);
            reply.Status.ShouldBeLessThan(500, request.ToString());
            if (reply.Status >= 400)
            {
                reply.ShouldBeProblem(reply.Status, reply.Code);
                (await StoreDump.ReadAsync(Host, organization)).ShouldBe(before, request.ToString());
            }
        }

        // The generator reaches what it is for: answers and refusals of every kind.
        statuses.Count.ShouldBe(Requests);
        new[] { 200, 400, 404, 415 }.Except(statuses).ShouldBeEmpty();
    }

    private static Gen<string> JsonGen(int depth) => depth == 0
        ? ScalarGen
        : Gen.Frequency(
            (1, ScalarGen),
            (1, from items in JsonGen(depth - 1).ArrayOf().Resize(3) select $"[{string.Join(',', items)}]"),
            (4, from names in PropertyGen.ArrayOf(3)
                from values in JsonGen(depth - 1).ArrayOf(3)
                from count in Gen.Choose(0, 3)
                select $"{{{string.Join(',', names.Zip(values, static (name, value) => $"\"{name}\":{value}").Take(count))}}}"));

    private sealed record Sent(string Route, string[] Names, string[] Query, (string Name, string Value)[] Headers, string Body, string ContentType)
    {
        public async Task<Reply> SendAsync(HttpClient client)
        {
            var parts = Route.Split(' ');
            var index = 0;
            var path = string.Join('/', parts[1].Split('/').Select(segment => segment.StartsWith('{') ? Names[index++] : segment));
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body));
            content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            foreach (var (name, value) in Headers.Where(static header => header.Name.StartsWith("Content-", StringComparison.Ordinal)))
            {
                content.Headers.TryAddWithoutValidation(name, value);
            }

            return await client.SendAsync(new HttpMethod(parts[0]), $"{path}?{string.Join('&', Query)}", content, Headers);
        }

        public override string ToString() =>
            $"{Route} {string.Join(' ', Names)} ?{string.Join('&', Query)} {string.Join(' ', Headers)} {ContentType}\n{Body}";
    }

    public sealed class Direct() : RequestPropertyTests(Head.Direct);

    public sealed class BehindARouter() : RequestPropertyTests(Head.BehindARouter);
}
