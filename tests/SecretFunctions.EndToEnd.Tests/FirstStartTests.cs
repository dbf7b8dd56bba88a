using System.Net;
using System.Text;
using System.Text.Json;
using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

public sealed class FirstStartTests : IDisposable
{
    private const string OneKey = "a-key-of-my-own-0123456789-0123456789";
    private const string AnotherKey = "another-key-of-my-own-0123456789-01234";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_printed_lines_pasted_into_bash_lead_to_the_resolved_secret()
    {
        await using var server = await ServerProcess.StartAsync(_folder.File("data"));
        await Eventually.TrueAsync(() => server.Output.Contains("/v1/resolve", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "the lines are printed");
        var lines = server.Output.Split('\n').SkipWhile(static line => !line.StartsWith("Paste these four lines", StringComparison.Ordinal)).Skip(2).Take(4).ToArray();
        lines.Length.ShouldBe(4);

        var pasted = (await Outcome.RunAsync(Programs.Start("bash", []), Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"))).ShouldSucceed();

        var answers = ReadDocuments(pasted.Output);
        answers.Count.ShouldBe(4, pasted.Output);
        answers[^1].GetProperty("variables").ToString().ShouldBe("""{"GREETING":"hello"}""");
    }

    [Fact]
    public async Task A_restart_keeps_the_data_and_prints_no_key_again()
    {
        var data = _folder.File("data");
        string key;
        await using (var first = await ServerProcess.StartAsync(data))
        {
            key = first.Key.ShouldNotBeNull();
            await PutAsync(first, key);
            await first.StopAsync();
        }

        await using var second = await ServerProcess.StartAsync(data);

        second.Key.ShouldBeNull();
        second.Output.ShouldNotContain("sfk_");
        (await RevealAsync(second, key)).ShouldBe("kept");
    }

    [Fact]
    public async Task A_configured_key_is_the_operators_until_another_is_configured()
    {
        var data = _folder.File("data");
        await using (var first = await ServerProcess.StartAsync(data, ("SecretFunctions__BootstrapKey", OneKey)))
        {
            first.Output.ShouldNotContain(OneKey);
            await PutAsync(first, OneKey);
            await first.StopAsync();
        }

        await using (var second = await ServerProcess.StartAsync(data, ("SecretFunctions__BootstrapKey", AnotherKey)))
        {
            (await RevealAsync(second, AnotherKey)).ShouldBe("kept");
            var refused = await Should.ThrowAsync<SecretFunctionsException>(() => RevealAsync(second, OneKey));
            refused.Status.ShouldBe((int)HttpStatusCode.Unauthorized);
            await second.StopAsync();
        }

        await using var third = await ServerProcess.StartAsync(data);
        third.Key.ShouldBeNull();
        (await RevealAsync(third, AnotherKey)).ShouldBe("kept");
    }

    [Fact]
    public async Task A_first_start_whose_port_is_taken_still_shows_the_key_it_made()
    {
        await using var other = await ServerProcess.StartAsync(_folder.File("other"));
        var data = _folder.File("data");

        var failed = await ServerProcess.RunAsync(["--urls", other.Url.AbsoluteUri.TrimEnd('/'), "--data", data]);

        failed.ExitCode.ShouldBe(1);
        var key = failed.Output.Split('\n').Single(static line => line.Contains("sfk_", StringComparison.Ordinal)).Split(' ')[^1];
        await using var second = await ServerProcess.StartAsync(data);
        using var client = second.Client(key);
        (await client.WhoamiAsync(CancellationToken.None)).Organization.ShouldBe("default");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task PutAsync(ServerProcess server, string key)
    {
        using var client = server.Client(key);
        await client.PutVariableAsync(new("dev", "KEPT", null), new VariableRequest { Value = new SensitiveText("kept"u8.ToArray()) }, CancellationToken.None);
    }

    private static async Task<string> RevealAsync(ServerProcess server, string key)
    {
        using var client = server.Client(key);
        return Encoding.UTF8.GetString((await client.RevealVariableAsync(new("dev", "KEPT", null), CancellationToken.None)).Value.Reveal());
    }

    /// <summary>curl prints them one after the other, on one line.</summary>
    private static List<JsonElement> ReadDocuments(string text)
    {
        var documents = new List<JsonElement>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            documents.Add(JsonElement.ParseValue(ref reader));
        }

        return documents;
    }
}
