using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage;

namespace SecretFunctions.Core.Tests.Architecture;

/// <summary>Who may know whom: <c>docs/architecture.md</c>, as a table.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Direction = new()
    {
        ["SecretFunctions.Contracts"] = [],
        ["SecretFunctions.Core"] = [],
        ["SecretFunctions.Providers"] = ["SecretFunctions.Core"],
        ["SecretFunctions.Storage"] = ["SecretFunctions.Core"],
        ["SecretFunctions.Api"] = ["SecretFunctions.Contracts", "SecretFunctions.Core"],
        ["SecretFunctions.Hosting"] = ["SecretFunctions.Api", "SecretFunctions.Providers", "SecretFunctions.Storage"],
        ["SecretFunctions.Functions"] = ["SecretFunctions.Hosting"],
        ["SecretFunctions.Server"] = ["SecretFunctions.Hosting"],
        ["SecretFunctions.Cli"] = ["SecretFunctions.Contracts"],
    };

    /// <summary>Abstractions, which bring no behaviour; and the retries and circuit breakers that protect a store, which do no I/O of their own.</summary>
    private static readonly string[] CorePackages =
        ["Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "Polly.Core"];

    public static TheoryData<string> Projects =>
        [.. SourceCode.Files.Where(static path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_what_the_direction_allows(string project)
    {
        var allowed = Direction.ShouldContainKeyAndGet(Path.GetFileNameWithoutExtension(project));

        Includes(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension).ShouldBeSubsetOf(allowed);
    }

    [Fact]
    public void Core_uses_these_packages_and_no_other() =>
        Includes("src/SecretFunctions.Core/SecretFunctions.Core.csproj", "PackageReference").ShouldBeSubsetOf(CorePackages);

    [Fact]
    public void What_is_built_references_what_is_declared()
    {
        Check(typeof(IEntityStore).Assembly);
        Check(typeof(StorageOptions).Assembly);

        static void Check(Assembly assembly)
        {
            var ours = assembly.GetReferencedAssemblies().Select(static reference => reference.Name!).Where(static name => name.StartsWith("SecretFunctions", StringComparison.Ordinal));
            ours.ShouldBeSubsetOf(Direction[assembly.GetName().Name!]);
        }
    }

    [Fact]
    public void Core_reaches_no_network_and_no_disk()
    {
        typeof(IEntityStore).Assembly.GetReferencedAssemblies().Select(static reference => reference.Name!)
            .Where(static name => name.StartsWith("System.Net", StringComparison.Ordinal) || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))
            .ShouldBeSubsetOf(["System.Net.Primitives"]);
        string[] disk = ["File", "Directory", "FileStream", "FileInfo", "DirectoryInfo", "HttpClient", "Socket"];

        SourceCode.Product.Where(static file => file.IsIn("src/SecretFunctions.Core/"))
            .Where(file => file.Root.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => disk.Contains(name.Identifier.ValueText)))
            .Select(static file => file.Path)
            .ShouldBeEmpty();
    }

    [Fact]
    public void Clouds_do_not_use_each_other()
    {
        const string Providers = "src/SecretFunctions.Providers/";
        var clouds = SourceCode.Product.Where(static file => file.IsIn(Providers) && file.Path.Count('/') > 2)
            .Select(static file => file.Path.Split('/')[2])
            .Where(static folder => folder is not ("Http" or "Tokens"))
            .Distinct()
            .ToArray();

        var crossing = from file in SourceCode.Product
                       where file.IsIn(Providers) && clouds.Contains(file.Path.Split('/')[2])
                       from name in file.Root.DescendantNodes().OfType<QualifiedNameSyntax>()
                       let parts = name.ToString().Split('.')
                       where parts is ["SecretFunctions", "Providers", _] && clouds.Contains(parts[2]) && parts[2] != file.Path.Split('/')[2]
                       select $"{file.Path} uses {name}";
        crossing.ShouldBeEmpty();
    }

    private static IEnumerable<string> Includes(string project, string item) =>
        XDocument.Parse(SourceCode.Text(project)).Descendants(item).Select(static reference => reference.Attribute("Include")!.Value);
}

internal static class TableAssertions
{
    /// <summary>A project that is not in the table is a decision to be written down, not a gap to fall through.</summary>
    public static TValue ShouldContainKeyAndGet<TKey, TValue>(this Dictionary<TKey, TValue> table, TKey key)
        where TKey : notnull
    {
        table.ShouldContainKey(key);
        return table[key];
    }
}
