using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>Sealing as <c>docs/sealing.md</c> tells it, with the real server and clients that are none of ours.</summary>
public sealed partial class SealingTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    private CliRunner Cli => _server!.Cli();

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync(_folder.File("data"));

    [Fact]
    public async Task The_programs_of_the_page_run_as_they_stand_there()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "docs", "sealing.md"));
        var programs = Program().Matches(page).Select(static block => block.Groups[1].Value).ToArray();
        Directory.CreateSymbolicLink(_folder.File("node_modules"), Path.Combine(await NodeModules.EnsureAsync(), "node_modules"));
        await File.WriteAllTextAsync(_folder.File("seal.mjs"), programs[0]);
        await File.WriteAllTextAsync(_folder.File("open.mjs"), programs[1]);

        (await NodeAsync("s3cret", "seal.mjs", "API_TOKEN")).ShouldSucceed().Output.ShouldStartWith("201 {\"name\":\"API_TOKEN\"");

        (await NodeAsync("", "open.mjs")).ShouldSucceed().Output.ShouldBe("{ API_TOKEN: 's3cret' }\n");
        (await Cli.RunAsync("variable", "reveal", "API_TOKEN")).Errors.ShouldContain("variable.value_is_sealed");
    }

    [Fact]
    public async Task The_command_line_stores_what_was_sealed_elsewhere_and_the_client_gets_answers_that_are()
    {
        using var client = _server!.Client();
        await using var jose = await Jose.StartAsync();
        var key = await client.GetSealingKeyAsync(CancellationToken.None);
        var jwk = new JsonObject { ["kty"] = key.Kty, ["n"] = key.N, ["e"] = key.E };
        var jwe = await jose.EncryptAsync(jwk, "s3cret", new JsonObject { ["alg"] = key.Alg, ["enc"] = key.Enc, ["kid"] = key.Kid });

        (await Cli.RunWithInputAsync($"{jwe}\n", "variable", "set", "KEY", "--sealed")).ShouldSucceed();
        (await Cli.RunWithInputAsync("hunter2", "variable", "set", "KEY", "--sealed")).Errors.ShouldContain("sealed_value.malformed");

        (await client.GetVariableAsync(new VariableName("dev", "KEY", null), CancellationToken.None)).Sealed.ShouldBeTrue();
        var (publicKey, privateKey) = await jose.GenerateAsync("ECDH-ES", "P-256");
        var answer = await client.ResolveSealedAsync(new ResolveRequest { SealTo = JsonElement.Parse(publicKey.ToJsonString()) }, CancellationToken.None);
        answer.Sources.ShouldHaveSingleItem().Key.ShouldBe("KEY");
        (await jose.DecryptAsync(privateKey, "ECDH-ES", answer.Sealed)).Text.ShouldBe("""{"KEY":"s3cret"}""");
    }

    [Fact]
    public async Task The_command_line_has_an_answer_sealed_for_the_key_in_a_file()
    {
        (await Cli.RunWithInputAsync("s3cret", "variable", "set", "KEY")).ShouldSucceed();
        await using var jose = await Jose.StartAsync();
        var (publicKey, privateKey) = await jose.GenerateAsync("RSA-OAEP-256", null);
        var theirs = _folder.File("theirs.jwk");
        await File.WriteAllTextAsync(theirs, publicKey.ToJsonString());

        var written = (await Cli.RunAsync("resolve", "--seal-to", theirs)).ShouldSucceed().Output;
        using var answer = JsonDocument.Parse((await Cli.RunAsync("resolve", "--seal-to", theirs, "-o", "json")).ShouldSucceed().Output);
        (await Cli.RunAsync("resolve", "--seal-to", theirs, "--out-file", _folder.File("jwe"))).ShouldSucceed().Output.ShouldBeEmpty();

        answer.RootElement.GetProperty("sources")[0].GetProperty("key").GetString().ShouldBe("KEY");
        foreach (var jwe in new[] { written.TrimEnd('\n'), answer.RootElement.GetProperty("sealed").GetString()!, await File.ReadAllTextAsync(_folder.File("jwe")) })
        {
            (await jose.DecryptAsync(privateKey, "RSA-OAEP-256", jwe)).Text.ShouldBe("""{"KEY":"s3cret"}""");
        }
    }

    [Theory]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"hunter2"}""", "private")]
    [InlineData("""{"kty":"oct","k":"hunter2"}""", "private")]
    [InlineData("""["hunter2"]""", "no JWK")]
    [InlineData("hunter2", "no JWK")]
    public async Task The_command_line_sends_no_private_key_and_nothing_that_is_no_key(string content, string said)
    {
        await File.WriteAllTextAsync(_folder.File("jwk"), content);

        var refused = await new CliRunner(new Uri("http://127.0.0.1:1"), "none").RunAsync("resolve", "--seal-to", _folder.File("jwk"));

        refused.ExitCode.ShouldBe(2);
        refused.Errors.ShouldContain(said);
        refused.Errors.ShouldNotContain("hunter2");
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private Task<Outcome> NodeAsync(string input, string program, params string[] arguments)
    {
        var start = Programs.Start("node", [_folder.File(program), _server!.Url.AbsoluteUri.TrimEnd('/'), "dev", .. arguments]);
        start.Environment["SF_KEY"] = _server.Key;
        return Outcome.RunAsync(start, Encoding.UTF8.GetBytes(input));
    }

    [GeneratedRegex(@"^```js\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Program();
}
