using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Hosting;

namespace SecretFunctions.Api.Tests.FunctionsHead;

/// <summary>The head's project and what lies beside it, where none of it can be built.</summary>
public sealed class HeadProjectTests
{
    private const string Folder = "src/SecretFunctions.Functions";

    [Fact]
    public void The_sources_compile_against_the_real_API_and_what_the_worker_declares() => Compile(FunctionSources.Real().Trees).ShouldBeEmpty();

    [Fact]
    public void A_misspelt_name_does_not_compile()
    {
        var trees = FunctionSources.Real().Trees.Select(static tree => CSharpSyntaxTree.ParseText(tree.ToString().Replace("InvokeAsync", "InvokAsync", StringComparison.Ordinal)));

        Compile(trees).ShouldContain(static error => error.Contains("InvokAsync"));
    }

    [Fact]
    public void The_solution_lists_the_head_and_does_not_build_it()
    {
        var solution = FunctionSources.Text("SecretFunctions.sln").Split('\n');
        var id = solution.Single(static line => line.Contains("SecretFunctions.Functions.csproj", StringComparison.Ordinal)).Split('"')[^2];

        solution.Where(line => line.Contains($"{id}.", StringComparison.Ordinal)).ShouldAllBe(static line => line.Contains(".ActiveCfg = "));
    }

    [Fact]
    public void Every_package_of_the_head_has_a_version_of_its_own()
    {
        var versions = Elements("Directory.Packages.props", "PackageVersion").ToDictionary(Include, static package => package.Attribute("Version")!.Value);

        Elements("SecretFunctions.Functions.csproj", "PackageReference").Select(Include).Append("Microsoft.CodeAnalysis.BannedApiAnalyzers").ShouldBe(versions.Keys, ignoreOrder: true);
        versions.Values.ShouldAllBe(static version => version.All(static letter => char.IsAsciiDigit(letter) || letter == '.'));
    }

    [Fact]
    public void The_hosts_settings_are_linked_into_the_output_and_local_ones_are_never_published()
    {
        var linked = Elements("SecretFunctions.Functions.csproj", "None").Where(static item => item.Attribute("Link") is not null).ToDictionary(
            static item => item.Attribute("Link")!.Value, static item => item.Attribute("CopyToPublishDirectory")!.Value);

        linked.ShouldBe(new Dictionary<string, string> { ["host.json"] = "PreserveNewest", ["local.settings.json"] = "Never" }, ignoreOrder: true);
        FunctionSources.Text(".gitignore").Split('\n').ShouldContain("local.settings.json");
    }

    [Fact]
    public void The_host_prefixes_no_route_and_samples_no_request_away()
    {
        var host = JsonNode.Parse(FunctionSources.Text("host.json"))!;

        ((string)host["version"]!).ShouldBe("2.0");
        ((string)host["extensions"]!["http"]!["routePrefix"]!).ShouldBe("");
        ((string)host["logging"]!["applicationInsights"]!["samplingSettings"]!["excludedTypes"]!).ShouldBe("Request");
    }

    [Fact]
    public void The_sample_of_local_settings_is_one_that_the_service_starts_with()
    {
        var settings = FunctionSources.SampleSettings();
        settings["FUNCTIONS_WORKER_RUNTIME"].ShouldBe("dotnet-isolated");
        settings["AzureWebJobsStorage"].ShouldBe("UseDevelopmentStorage=true");
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
            .Build();

        Should.NotThrow(() => FunctionsSettings.Check(configuration));
        Should.NotThrow(() => new ServiceCollection().AddSecretFunctions(configuration));
    }

    private static IEnumerable<string> Compile(IEnumerable<SyntaxTree> sources)
    {
        // All that this process could load: the framework, the worker's own namespaces excepted, and the assemblies the head refers to.
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path));
        string[] beside = [WorkerStandIns.Source, WorkerStandIns.ImplicitUsings];
        return CSharpCompilation.Create(
            "SecretFunctions.Functions",
            [.. sources, .. beside.Select(static text => CSharpSyntaxTree.ParseText(text))],
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable))
            .GetDiagnostics()
            .Where(static diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Select(static diagnostic => diagnostic.ToString());
    }

    private static IEnumerable<XElement> Elements(string file, string name) => XDocument.Parse(FunctionSources.Text($"{Folder}/{file}")).Descendants(name);

    private static string Include(XElement item) => item.Attribute("Include")!.Value;
}
