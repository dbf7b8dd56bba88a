using System.Text.RegularExpressions;
using SecretFunctions.Testing;

namespace SecretFunctions.EndToEnd.Tests.Infrastructure;

/// <summary>What lies in the folder infra, read no further than the tests need.</summary>
internal static partial class InfrastructureFiles
{
    public static string Folder { get; } = Path.Combine(RepositoryPaths.Root, "infra");

    /// <summary>Every Bicep file of the repository, those of other folders included.</summary>
    public static IReadOnlyList<string> Bicep { get; } =
    [
        .. Directory.GetDirectories(RepositoryPaths.Root)
            .Where(static folder => Path.GetFileName(folder) is not ("node_modules" or "bin" or "obj" or ".git" or "artifacts" or "tests"))
            .SelectMany(static folder => Directory.GetFiles(folder, "*.bicep", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal),
    ];

    public static string Main { get; } = File.ReadAllText(Path.Combine(Folder, "main.bicep"));

    /// <summary>By name, what stands after the equals sign; null where a parameter must be given.</summary>
    public static IReadOnlyDictionary<string, string?> Parameters { get; } = Parameter().Matches(Main)
        .ToDictionary(static parameter => parameter.Groups[1].Value, static parameter => parameter.Groups[2].Success ? parameter.Groups[2].Value : null);

    public static IReadOnlyList<string> Outputs { get; } = [.. Output().Matches(Main).Select(static output => output.Groups[1].Value)];

    [GeneratedRegex(@"^param (\w+) [^\n=]+?(?: = (.+))?$", RegexOptions.Multiline)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^output (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Output();
}
