using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Architecture;

/// <summary>What the documents call by its name is there.</summary>
public sealed partial class DocumentationTests
{
    /// <summary>Other people's, with a dot in their name.</summary>
    private static readonly string[] Foreign = ["Azure.", "Microsoft.", "System.", "Polly.", "Google.", "AWS", "SQLitePCLRaw."];

    private static readonly Dictionary<string, SourceFile[]> Declarations = SourceCode.All
        .SelectMany(static file => file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(type => (Name: type.Identifier.ValueText, File: file)))
        .GroupBy(static type => type.Name, static type => type.File)
        .ToDictionary(static group => group.Key, static group => group.Distinct().ToArray());

    public static TheoryData<string> Documents =>
    [
        .. Directory.GetFiles(RepositoryPaths.Root, "*.md").Select(static path => Path.GetFileName(path)),
        .. SourceCode.Files.Where(static path => path.StartsWith("docs/", StringComparison.Ordinal) && path.EndsWith(".md", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_names_files_and_types_that_exist(string document) =>
        CodeSpan().Matches(FencedBlock().Replace(SourceCode.Text(document), ""))
            .Select(static match => match.Groups[1].Value)
            .Where(static name => !Exists(name))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("Store/IEntityStore.cs", true)]
    [InlineData("Core/Store/IEntityStore.cs", true)]
    [InlineData("Store/Gone.cs", false)]
    [InlineData("tity/Store.cs", false)]
    [InlineData("src/SecretFunctions.Core/", true)]
    [InlineData("src/SecretFunctions.Gone", false)]
    [InlineData("IEntityStore", true)]
    [InlineData("IGone", false)]
    [InlineData("ResourceStore.CommitAsync", true)]
    [InlineData("ResourceStore.GoneAsync", false)]
    [InlineData("Gone.CommitAsync", false)]
    [InlineData("SecretFunctions.Core.Vault", true)]
    [InlineData("SecretFunctions.Gone", false)]
    [InlineData("Azure.Data.Tables", true)]
    [InlineData("application/json", true)]
    [InlineData("AccessDenied", true)]
    public void A_name_is_told_from_what_is_none(string name, bool exists) => Exists(name).ShouldBe(exists);

    private static bool Exists(string name)
    {
        if (name.Contains("Foo", StringComparison.OrdinalIgnoreCase) || Foreign.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return true;
        }

        if (OurPath().IsMatch(name))
        {
            var path = name.TrimEnd('/');

            // Core/Vault lies in src/SecretFunctions.Core: what comes before a path is a folder or the front of a project's name.
            return SourceCode.Files.Any(file => new[] { "/", "." }.Any(
                before => $"/{file}".EndsWith(before + path, StringComparison.Ordinal) || $"/{file}".Contains($"{before}{path}/", StringComparison.Ordinal)));
        }

        if (name.StartsWith("SecretFunctions.", StringComparison.Ordinal) && DottedName().IsMatch(name))
        {
            return SourceCode.Files.Any(file => $"/{file.Replace('/', '.')}".Contains($"{name}.", StringComparison.Ordinal));
        }

        return DottedName().Match(name) is { Success: true } dotted
            ? Declarations.TryGetValue(dotted.Groups[1].Value, out var files) && files.Any(file => file.Identifiers.Contains(dotted.Groups[2].Value))
            : !InterfaceName().IsMatch(name) || Declarations.ContainsKey(name);
    }

    [GeneratedRegex("`([^`\r\n]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex FencedBlock();

    /// <summary>A file of ours, or a folder.</summary>
    [GeneratedRegex(@"^(src|tests|docs|bench|infra)/[\w./-]+$|^[A-Za-z][\w./-]*/[\w.-]+\.(cs|csproj|mjs|bicep)$")]
    private static partial Regex OurPath();

    [GeneratedRegex(@"^([A-Z][A-Za-z0-9]+)(?:\.[A-Z][A-Za-z0-9]+)*\.([A-Z][A-Za-z0-9]+)(?:\(\))?$")]
    private static partial Regex DottedName();

    [GeneratedRegex("^I[A-Z][a-z][A-Za-z]+$")]
    private static partial Regex InterfaceName();
}
