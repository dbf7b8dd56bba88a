using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.EndToEnd.Tests.Infrastructure;

/// <summary>The Bicep files, as far as that can be told without Azure: <c>tests/node/check-bicep.mjs</c>.</summary>
public sealed partial class BicepTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_Bicep_file_is_well_formed()
    {
        InfrastructureFiles.Bicep.Count.ShouldBeGreaterThan(8);

        (await CheckAsync([.. InfrastructureFiles.Bicep])).ShouldSucceed().Output.ShouldContain($"{InfrastructureFiles.Bicep.Count} files are well formed.");
    }

    [Theory]
    [InlineData("param name string = \n", "not understood")]
    [InlineData("resource a 'b@2024-01-01' = {\n  name: 'a'\n", "} is missing")]
    [InlineData("var a = [\n  1\n", "] is missing")]
    [InlineData("output a string = b\n", ":1:19: nothing here is called b")]
    [InlineData("param a string\n", "parameter a is not used")]
    [InlineData("module a 'gone.bicep' = {\n  name: 'a'\n}\n", "there is no gone.bicep")]
    [InlineData("module a 'other.bicep' = {\n  name: 'a'\n  params: {\n    wrong: 'x'\n  }\n}\n", "other.bicep has no parameter wrong")]
    [InlineData("module a 'other.bicep' = {\n  name: 'a'\n}\n", "other.bicep needs parameter needed")]
    [InlineData("module a 'other.bicep' = {\n  name: 'a'\n  params: {\n    needed: 'x'\n  }\n}\noutput b string = a.outputs.wrong\n", "other.bicep has no output wrong")]
    public async Task A_broken_file_is_told(string text, string problem)
    {
        await File.WriteAllTextAsync(_folder.File("other.bicep"), "param needed string\nparam optional string = ''\noutput given string = '${needed}${optional}'\n");
        await File.WriteAllTextAsync(_folder.File("broken.bicep"), text);

        var outcome = await CheckAsync(_folder.File("broken.bicep"));

        outcome.ExitCode.ShouldBe(1, outcome.Errors);
        outcome.Output.ShouldContain(problem);
    }

    [Fact]
    public async Task A_file_with_loops_lambdas_and_modules_of_others_is_well_formed()
    {
        await File.WriteAllTextAsync(_folder.File("good.bicep"), """
            param names array
            @description('''
            Several lines.
            ''')
            param tags object?
            var pairs = [for (name, index) in names: { name: name, index: index }]
            var all = map(pairs, (pair, i) => '${pair.name}-${i}')
            module each 'br/public:avm/res/storage/storage-account:0.8.3' = [for pair in pairs: if (pair.index > 0) {
              name: pair.name
              params: {
                name: pair.name
                tags: tags ?? {}
              }
            }]
            output first string = all[0]
            """);

        (await CheckAsync(_folder.File("good.bicep"))).ShouldSucceed();
    }

    [Fact]
    public void Every_parameter_and_output_is_described()
    {
        foreach (var file in InfrastructureFiles.Bicep.Where(static file => file.StartsWith(InfrastructureFiles.Folder, StringComparison.Ordinal)))
        {
            var blocks = File.ReadAllText(file).Split("\n\n");
            blocks.Where(static block => Declaration().IsMatch(block) && !block.Contains("@description('", StringComparison.Ordinal))
                .ShouldBeEmpty(file);
        }
    }

    [Fact]
    public void A_parameter_that_is_given_by_people_has_bounds()
    {
        // Without: what has only two values, names what only Azure can check, or is checked by the service at its start.
        string[] free = ["privateNetwork", "hardwareKeys", "signInVault", "rootKeyRestoredFrom", "watchedVaults", "alertActionGroupIds", "providerAllowedHosts", "settings", "tags"];

        var bounded = InfrastructureFiles.Main.Split("\n\n")
            .Where(static block => block.Contains("\nparam ", StringComparison.Ordinal) && Bound().IsMatch(block))
            .Select(static block => Parameter().Match(block).Groups[1].Value);
        InfrastructureFiles.Parameters.Keys.Except(free).ShouldBe(bounded, ignoreOrder: true);
    }

    [Fact]
    public async Task The_parameters_file_names_parameters_that_exist_and_all_that_are_required()
    {
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(InfrastructureFiles.Folder, "main.parameters.json")));
        var given = file.RootElement.GetProperty("parameters").EnumerateObject().ToDictionary(static item => item.Name, static item => item.Value.GetProperty("value").GetString()!);

        given.Keys.ShouldBeSubsetOf(InfrastructureFiles.Parameters.Keys);
        InfrastructureFiles.Parameters.Where(static parameter => parameter.Value is null).Select(static parameter => parameter.Key).ShouldBeSubsetOf(given.Keys);
        foreach (var (name, value) in given)
        {
            // One default, written in both places: what azd puts in when nothing is set is what Bicep would.
            var variable = Variable().Match(value);
            variable.Success.ShouldBeTrue(value);
            InfrastructureFiles.Parameters[name]?.Trim('\'').ShouldBe(variable.Groups[1].Value, name);
        }
    }

    [Fact]
    public void Modules_of_others_are_pinned_to_one_version_each()
    {
        var pins = InfrastructureFiles.Bicep.SelectMany(static file => Registry().Matches(File.ReadAllText(file)))
            .Select(static pin => (Module: pin.Groups[1].Value, Version: pin.Groups[2].Value))
            .Distinct()
            .ToArray();

        pins.Select(static pin => pin.Module).ShouldBeUnique();
        pins.ShouldAllBe(static pin => Regex.IsMatch(pin.Version, @"^\d+\.\d+\.\d+$"));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<Outcome> CheckAsync(params string[] files)
    {
        var folder = await NodeModules.EnsureAsync();
        return await Outcome.RunAsync(new ProcessStartInfo("node", [Path.Combine(folder, "check-bicep.mjs"), .. files]));
    }

    [GeneratedRegex("^(param|output) ", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^param (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^@(allowed|minLength|maxLength|minValue|maxValue)\(", RegexOptions.Multiline)]
    private static partial Regex Bound();

    [GeneratedRegex(@"^\$\{[A-Z_]+(?:=(.*))?\}$")]
    private static partial Regex Variable();

    [GeneratedRegex("'br/public:([^':]+):([^']+)'")]
    private static partial Regex Registry();
}
