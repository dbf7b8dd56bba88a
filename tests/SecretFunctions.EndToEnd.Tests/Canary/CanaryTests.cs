using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests.Canary;

/// <summary>Known secrets, driven through the service, are afterwards nowhere but in the answers that are theirs.</summary>
public sealed class CanaryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SecretSearch _search = new();
    private readonly string[] _values = [.. Enumerable.Range(0, 4).Select(static _ => $"canary{RandomNumberGenerator.GetHexString(24)}")];

    [Fact]
    public async Task No_secret_is_in_the_process_list_the_logs_the_database_the_audit_log_or_an_error()
    {
        var data = _folder.File("data");
        var key = await FirstStartAsync(data);
        Array.ForEach(_values, value => _search.For.Add("a value", value));
        _search.AddApiKey("the operator's key", key);
        await _search.AddRootKeyAsync(data);

        await using (var server = await ServerProcess.StartAsync(data, SecretSearch.MostVerbose))
        {
            await UseAsync(server, key);
            await ProvokeErrorsAsync(server, key);
            await _search.ProcessAsync(server.Id);
            await _search.FilesAsync(data);
            await server.StopAsync();
            _search.Logs(server.Output);
        }

        await _search.FilesAsync(data);
        _search.Found.ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Its output is the one place that shows the key.</summary>
    private static async Task<string> FirstStartAsync(string data)
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.StopAsync();
        return server.Key!;
    }

    private async Task UseAsync(ServerProcess server, string key)
    {
        using var client = server.Client(key);
        var variable = new VariableName("dev", "CANARY", null);
        foreach (var value in _values[..2])
        {
            await client.PutVariableAsync(variable, new VariableRequest { Value = new SensitiveText(Encoding.ASCII.GetBytes(value)) }, CancellationToken.None);
        }

        var dotenv = Encoding.ASCII.GetBytes($"IMPORTED=\"{_values[2]}\nsecond line\"\n");
        await client.ImportVariablesAsync("dev", null, dotenv, dryRun: false, CancellationToken.None);
        await client.PutAutomationAsync("crew", new AutomationRequest { Project = "default" }, CancellationToken.None);
        await client.PutAssignmentsAsync("crew", "dev", new() { Items = [new() { Key = "CANARY" }, new() { Key = "IMPORTED" }] }, null, CancellationToken.None);
        var made = await client.CreateApiKeyAsync(
            new ApiKeyRequest { Name = "crew", Principal = new PrincipalReference("automation", "crew") }, CancellationToken.None);
        var ownKey = Encoding.ASCII.GetString(made.Key!.Reveal());
        _search.AddApiKey("an automation's key", ownKey);

        using var crew = server.Client(ownKey);
        var resolved = await crew.ResolveAsync(new ResolveRequest(), CancellationToken.None);
        Encoding.UTF8.GetString(resolved.Variables["CANARY"].Reveal()).ShouldBe(_values[1]);
        await crew.RenderAsync(new RenderRequest { Templates = new Dictionary<string, string> { ["t"] = "<{{CANARY}}>" } }, CancellationToken.None);
        await client.RevealVariableAsync(variable, CancellationToken.None);
        await client.RestoreVariableVersionAsync(variable, 1, CancellationToken.None);
        await client.CreateSnapshotAsync("crew", new SnapshotRequest(), CancellationToken.None);
        await foreach (var auditEvent in client.ListAuditEventsAsync(new AuditEventQuery(), CancellationToken.None))
        {
            _search.Text("the audit log", auditEvent.GetRawText());
        }
    }

    private async Task ProvokeErrorsAsync(ServerProcess server, string key)
    {
        var canary = _values[3];
        (HttpMethod Method, string Path, string Type, string Body)[] requests =
        [
            (HttpMethod.Put, "v1/variables/dev/X", "application/json", $$"""{"value":"{{canary}}" """),
            (HttpMethod.Put, "v1/variables/dev/X", "application/json", $$"""{"value":"{{canary}}","valu":"{{canary}}"}"""),
            (HttpMethod.Put, "v1/variables/dev/X", "application/json", $$"""{"value":["{{canary}}"]}"""),
            (HttpMethod.Put, "v1/variables/dev/X", "application/json", $$"""{"value":"{{canary}}\u0000"}"""),
            (HttpMethod.Put, "v1/variables/dev/X", "application/json", $$"""{"value":"{{canary}}\ud800"}"""),
            (HttpMethod.Put, "v1/variables/dev/X", "application/json", $$"""{"value":"{{canary}}","tags":["NOT A TAG"]}"""),
            (HttpMethod.Put, "v1/variables/dev/X", "application/json", $$"""{"value":"{{canary}}{{new string('x', 65_536)}}"}"""),
            (HttpMethod.Put, "v1/variables/nowhere/X", "application/json", $$"""{"value":"{{canary}}"}"""),
            (HttpMethod.Put, "v1/variables/dev/9X", "application/json", $$"""{"value":"{{canary}}"}"""),
            (HttpMethod.Put, "v1/variables/dev/X", "text/plain", canary),
            (HttpMethod.Patch, "v1/variables/dev/CANARY", "application/json", $$"""{"value":{"{{canary}}":1} }"""),
            (HttpMethod.Post, "v1/variables/dev/import", "text/plain", $"{canary}\nA=\"{canary}\nB='{canary}' {canary}\n"),
            (HttpMethod.Post, "v1/resolve", "application/json", $$"""{"automation":{"{{canary}}":"{{canary}}"} }"""),
        ];
        using var http = new HttpClient { BaseAddress = server.Url };
        foreach (var (method, path, type, body) in requests)
        {
            using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, new MediaTypeHeaderValue(type)) };
            request.Headers.Authorization = new("Bearer", key);
            using var response = await http.SendAsync(request);
            ((int)response.StatusCode).ShouldBeInRange(400, 499, $"{method} {path}");
            _search.Text($"the answer to {method} {path}", $"{response.Headers}\n{await response.Content.ReadAsStringAsync()}");
        }

        using var strange = new HttpRequestMessage(HttpMethod.Get, "v1/whoami") { Headers = { Authorization = new("Bearer", $"sfk_abc_{canary}") } };
        using var refused = await http.SendAsync(strange);
        _search.Text("the answer to a wrong key", $"{refused.Headers}\n{await refused.Content.ReadAsStringAsync()}");
    }
}
