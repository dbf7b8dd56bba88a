using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.EndToEnd.Tests.Federation;

/// <summary>What the command line prints for a cloud, read by grammars and run by a shell, with an audience that every language would like to expand.</summary>
public sealed class PrintedPolicyTests(PrintedPolicyTests.OneServer server) : IClassFixture<PrintedPolicyTests.OneServer>, IDisposable
{
    internal const string Issuer = "https://secrets.example.com";
    private const string Subject = "org:default:project:default:environment:prod:automation:crew";
    private const string Odd = "it's \"odd\" `touch ran` $(touch ran) ${HOME} %{if} $$ \\ <&> {{x}} *?, #|^;\u00e9";

    private static readonly Dictionary<string, string[]> Clouds = new()
    {
        ["aws"] = ["roleArn=arn:aws:iam::123456789012:role/reader"],
        ["google"] = ["workloadIdentityProvider=projects/1/locations/global/workloadIdentityPools/pool/providers/service"],
        ["azure"] = [$"tenantId={CloudPrograms.Tenant}", "clientId=22222222-2222-2222-2222-222222222222"],
        ["vault"] = ["address=https://vault.example.com", "role=it's_$(touch${IFS}ran)"],
        ["conjur"] = ["address=https://conjur.example.com", "account=acme", "serviceId=service"],
    };

    private readonly TemporaryFolder _folder = new();
    private CliRunner Cli => server.Cli;

    [Fact]
    public async Task A_document_is_printed_alone_and_warnings_beside_it()
    {
        await SetAsync("aws", "sts.amazonaws.com");
        var chosen = (await PrintAsync("aws", "--automation", "crew", "--environment", "prod")).ShouldSucceed();
        JsonNode.Parse(chosen.Output)!["Version"]!.ToString().ShouldBe("2012-10-17");
        chosen.Errors.ShouldBeEmpty();

        var all = (await PrintAsync("aws", "--document", "permissions policy")).ShouldSucceed();
        all.Output.ShouldContain("secretsmanager:GetSecretValue");
        all.Errors.ShouldStartWith("warning: trust_policy.later_not_admitted: ");

        var none = await PrintAsync("aws", "--format", "bicep");
        none.ExitCode.ShouldBe(2);
        none.Output.ShouldBeEmpty();
        none.Errors.ShouldContain("'setup' (cli)");
        JsonNode.Parse((await PrintAsync("aws", "--output", "json")).ShouldSucceed().Output)!["documents"]!.AsArray().Count.ShouldBe(4);
    }

    [Fact]
    public async Task Every_document_is_well_formed_whatever_the_audience()
    {
        var documents = new List<(string Name, string Language, string Text)>();
        foreach (var cloud in Clouds.Keys)
        {
            await SetAsync(cloud, Odd);
            var policy = JsonNode.Parse((await PrintAsync(cloud, "--automation", "crew", "--environment", "prod", "--output", "json")).ShouldSucceed().Output)!;
            policy["audience"]!.ToString().ShouldBe(Odd);
            policy["subjects"]!.AsArray().ShouldHaveSingleItem()!.ToString().ShouldBe(Subject);
            documents.AddRange(policy["documents"]!.AsArray().Select(document => ($"{cloud} {document!["name"]}", document["format"]!.ToString(), document["content"]!.ToString())));
        }

        documents.Select(static document => document.Language).Distinct().Order().ShouldBe(["bicep", "cli", "json", "terraform", "yaml"]);
        documents.Where(static document => document.Language == "json").ToList().ForEach(static document => JsonNode.Parse(document.Text).ShouldNotBeNull());
        (await SyntaxCheck.RunAsync(documents.Where(static document => document.Language is "bicep" or "terraform" or "yaml"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("aws", true)]
    [InlineData("aws", false)]
    [InlineData("google", true)]
    [InlineData("google", false)]
    [InlineData("azure", true)]
    [InlineData("azure", false)]
    [InlineData("vault", false)]
    [InlineData("conjur", false)]
    public async Task A_printed_script_hands_the_clouds_program_what_it_says(string cloud, bool exists)
    {
        await SetAsync(cloud, Odd);
        var script = (await PrintAsync(cloud, "--automation", "crew", "--environment", "prod", "--format", "cli")).ShouldSucceed().Output;

        var programs = new CloudPrograms(_folder.Path);
        await programs.InstallAsync(exists);
        await programs.RunAsync(script);
        var calls = await programs.CallsAsync();

        File.Exists(_folder.File("ran")).ShouldBeFalse("something in the script was expanded");
        calls.ShouldContain(call => Audiences(cloud, call).Contains(Odd), string.Join('\n', calls.Select(static call => string.Join(' ', call))));
        var told = calls.SelectMany(static call => call)
            .Concat(new[] { "trust-policy.json", "hosts.yml" }.Select(_folder.File).Where(File.Exists).Select(File.ReadAllText));
        told.ShouldContain(static text => text.Contains(Subject, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private async Task SetAsync(string cloud, string audience) => (await Cli.RunAsync(
        ["workload-identity", "set", cloud, "--cloud", cloud, "--subject-scope", "automation", "--audience", audience, .. Clouds[cloud].SelectMany(static field => new[] { "--field", field })])).ShouldSucceed();

    private Task<Outcome> PrintAsync(string config, params string[] arguments) => Cli.RunAsync(["workload-identity", "trust-policy", config, .. arguments]);

    /// <summary>What an argument, or what was read from standard input, says of the audience.</summary>
    private static IEnumerable<string> Audiences(string cloud, string[] call) => call.Select(argument => cloud switch
    {
        "aws" when argument.StartsWith('[') => JsonNode.Parse(argument)![0]!.ToString(),
        "aws" when argument.StartsWith('{') => JsonNode.Parse(argument)!["ClientID"]?.ToString(),
        "google" => argument.StartsWith("--allowed-audiences=^<0>^", StringComparison.Ordinal) ? argument.Split("^<0>^")[1] : null,
        "azure" when argument.StartsWith('{') => JsonNode.Parse(argument)!["audiences"]![0]!.ToString(),
        "vault" when argument.StartsWith('{') => JsonNode.Parse(argument)!["bound_audiences"]?[0]!.ToString(),
        "conjur" => argument.StartsWith("--value=", StringComparison.Ordinal) ? argument["--value=".Length..] : null,
        _ => null,
    }).OfType<string>();

    /// <summary>For all tests here, which share nothing but configurations that each writes anew.</summary>
    public sealed class OneServer : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private ServerProcess? _server;

        internal CliRunner Cli => _server!.Cli();

        public async Task InitializeAsync()
        {
            _server = await ServerProcess.StartAsync(_folder.File("data"), ("SecretFunctions__Issuer", Issuer));
            (await Cli.RunAsync("automation", "set", "crew")).ShouldSucceed();
        }

        public async Task DisposeAsync()
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }

        public void Dispose() => _folder.Dispose();
    }
}
