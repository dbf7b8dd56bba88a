using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using SecretFunctions.EndToEnd.Tests.Federation;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.EndToEnd.Tests.Canary;

/// <summary>Tokens, what they are exchanged for, and the keys that sign them, driven through every cloud and every failure.</summary>
public sealed partial class FederationCanaryTests : IDisposable
{
    private const string AsCrew = $"automation=crew&environment={FederatedServer.Environment}";

    private readonly TemporaryFolder _folder = new();
    private readonly SecretSearch _search = new();
    private readonly List<(string Place, string Text)> _answers = [];
    private readonly ConcurrentBag<string> _echoed = [];

    [Fact]
    public async Task No_token_no_access_and_no_signing_key_is_in_the_process_list_the_logs_the_database_the_audit_log_or_an_error()
    {
        var data = _folder.File("data");
        await using var server = await FederatedServer.StartAsync(data, SecretSearch.MostVerbose, "aws", "google-account", "azure", "vault", "conjur");
        var crew = (await server.GivenAsync("crew")).Single();
        await UseAsync(server, crew);
        await FailAsync(server, crew);
        foreach (var (_, text) in await server.AuditAsync())
        {
            _answers.Add(("the audit log", text));
        }

        _echoed.Count.ShouldBeGreaterThan(30, "clouds did throw tokens back");
        await AddSecretsAsync(server, data);
        await _search.AddRootKeyAsync(data);
        await _search.ProcessAsync(server.Process.Id);
        await _search.FilesAsync(data);
        await server.Process.StopAsync();
        await _search.FilesAsync(data);
        _search.Logs(server.Process.Output);
        _answers.ForEach(answer => _search.Text(answer.Place, answer.Text));
        _search.Found.ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private async Task UseAsync(FederatedServer server, HttpClient crew)
    {
        (await FederatedServer.ResolveAsync(crew)).ShouldBe(200);
        (await Answer.OfAsync(server.Operator, HttpMethod.Post, "v1/keys/signing/rotate")).ShouldBe(200);
        foreach (var path in new[] { "v1/keys", "v1/workload-identity-configs", "v1/provider-credentials", "v1/cache", ".well-known/jwks.json", ".well-known/openid-configuration" })
        {
            _answers.Add((path, (await Answer.OfAsync(server.Operator, HttpMethod.Get, path)).ShouldBe(200).Body));
        }

        foreach (var (index, _) in server.Clouds.Index())
        {
            var store = $"v1/provider-credentials/store{index}";
            _answers.Add(("a test", (await Answer.OfAsync(server.Operator, HttpMethod.Post, $"{store}/test?{AsCrew}")).ShouldBe(200).Body));
            _answers.Add(("a list of names", (await Answer.OfAsync(server.Operator, HttpMethod.Get, $"{store}/secrets?{AsCrew}")).ShouldBe(200).Body));
        }
    }

    /// <summary>Clouds that throw what they were sent back at us: in an error of their own, in one of a proxy's, in an answer that is none.</summary>
    private async Task FailAsync(FederatedServer server, HttpClient crew)
    {
        (int Status, string Type)[] ways = [(400, "application/json"), (401, "application/json"), (403, "text/xml"), (502, "text/html"), (200, "application/json"), (200, "text/plain")];
        foreach (var (status, type) in ways)
        {
            foreach (var (index, cloud) in server.Clouds.Index())
            {
                // Written anew, so that no access from before is used.
                await server.PutAsync($"v1/workload-identity-configs/{FederatedServer.Configuration}{index}", cloud.Configuration);
                await EchoAsync(cloud.Exchange, status, type, server, crew, index);
                await EchoAsync(cloud.Store, status, type, server, crew, index);
            }
        }

        foreach (var cloud in server.Clouds)
        {
            cloud.Trust("https://another.example", FederatedServer.Subject("another"));
        }

        foreach (var (index, cloud) in server.Clouds.Index())
        {
            await server.PutAsync($"v1/workload-identity-configs/{FederatedServer.Configuration}{index}", cloud.Configuration);
        }

        _answers.Add(("a refused exchange", (await FederatedServer.ResolveAsync(crew)).ShouldBe(424).Body));
    }

    private async Task EchoAsync(CloudDouble cloud, int status, string type, FederatedServer server, HttpClient crew, int index)
    {
        cloud.Faults.Next(context => EchoAsync(context, status, type));
        _answers.Add(("a test of a hostile cloud", (await Answer.OfAsync(server.Operator, HttpMethod.Post, $"v1/provider-credentials/store{index}/test?{AsCrew}")).Body));
        cloud.Faults.Next(context => EchoAsync(context, status, type));
        var resolved = await Answer.OfAsync(crew, HttpMethod.Post, "v1/resolve", new JsonObject { ["environment"] = FederatedServer.Environment, ["fresh"] = true });
        _answers.Add(("a resolve from a hostile cloud", resolved.Status == 200 ? "" : resolved.Body));
    }

    private async Task EchoAsync(HttpContext context, int status, string type)
    {
        using var reader = new StreamReader(context.Request.Body);
        var sent = Uri.UnescapeDataString(await reader.ReadToEndAsync()) + string.Join(' ', context.Request.Headers.Values);
        foreach (Match token in Token().Matches(sent))
        {
            // No double sees it: this is all that there is of it.
            _echoed.Add(token.Value);
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.Headers["x-amzn-RequestId"] = sent.Length > 2000 ? sent[..2000] : sent;
        await context.Response.WriteAsync(type switch
        {
            "application/json" => new JsonObject { ["error"] = sent, ["error_description"] = sent, ["errors"] = new JsonArray(sent), ["message"] = sent, ["__type"] = sent, ["access_token"] = 1 }.ToJsonString(),
            "text/xml" => $"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{sent.Replace("<", "", StringComparison.Ordinal)}</Message></Error></ErrorResponse>",
            _ => sent,
        });
    }

    private async Task AddSecretsAsync(FederatedServer server, string data)
    {
        var tokens = server.Clouds.SelectMany(static cloud => cloud.Tokens.Shown).Concat(_echoed).ToList();
        foreach (var cloud in server.Clouds)
        {
            cloud.Tokens.Shown.Count.ShouldBeGreaterThan(5, "each cloud saw tokens, in good times and bad");
            foreach (var issued in cloud.Issued)
            {
                _search.For.Add("access that a cloud gave", issued);
            }
        }

        using var crew = await server.KeyHolderAsync("crew");
        foreach (var (index, cloud) in server.Clouds.Index())
        {
            var configuration = await Answer.OfAsync(server.Operator, HttpMethod.Get, $"v1/workload-identity-configs/{FederatedServer.Configuration}{index}");
            tokens.Add(await FederatedServer.TokenAsync(crew, configuration.Json["audience"]!.ToString()));
        }

        // What makes it a token, at both ends, in case it was cut.
        foreach (var signature in tokens.Select(static token => token.Split('.')[2]).Distinct())
        {
            _search.For.Add("a token", signature[..24]);
            _search.For.Add("a token's end", signature[^24..]);
        }

        var keys = await SigningKeysAtRest.OpenAsync(data);
        keys.Count.ShouldBe(2);
        foreach (var key in keys)
        {
            SigningKeysAtRest.AddTo(_search.For, key);
        }
    }

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")]
    private static partial Regex Token();
}
