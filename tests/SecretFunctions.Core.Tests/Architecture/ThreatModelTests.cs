using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SecretFunctions.Core.Tests.Architecture;

/// <summary>Every threat of the threat model has a test that exists.</summary>
public sealed partial class ThreatModelTests
{
    private static readonly HashSet<string> Tests = [.. SourceCode.All
        .Where(static file => file.Path.StartsWith("tests/", StringComparison.Ordinal))
        .SelectMany(static file => file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>())
        .Where(static method => method.AttributeLists.SelectMany(static list => list.Attributes).Any(static attribute => attribute.Name.ToString() is "Fact" or "Theory"))
        .Select(static method => $"{(method.Parent as TypeDeclarationSyntax)?.Identifier.ValueText}.{method.Identifier.ValueText}")];

    private static readonly string[][] Threats = [.. SourceCode.Text("docs/threat-model.md").Split("\n## Threats\n")[1].Split('\n')
        .Where(static line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| threat |", StringComparison.Ordinal) && !line.StartsWith("| --- |", StringComparison.Ordinal))
        .Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))];

    [Fact]
    public void Every_threat_says_what_stops_it_and_which_tests_show_it()
    {
        Threats.Length.ShouldBeGreaterThan(40);
        Threats.Select(static threat => threat[0]).ShouldBeUnique();
        foreach (var threat in Threats)
        {
            threat.Length.ShouldBe(4, threat[0]);
            threat[1].ShouldNotBeEmpty(threat[0]);
            Named(threat).ShouldNotBeEmpty(threat[0]);
        }
    }

    [Fact]
    public void The_tests_it_names_exist() => Threats.SelectMany(Named).Where(static test => !Tests.Contains(test)).ShouldBeEmpty();

    [Fact]
    public void Every_attacker_is_there() => AttackerRow().Count(SourceCode.Text("docs/threat-model.md").Split("\n## Attackers\n")[1].Split("\n## ")[0]).ShouldBeGreaterThan(10);

    private static IEnumerable<string> Named(string[] threat) => CodeSpan().Matches(threat[2]).Select(static match => match.Groups[1].Value);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^\\| (?!attacker|---)", RegexOptions.Multiline)]
    private static partial Regex AttackerRow();
}
