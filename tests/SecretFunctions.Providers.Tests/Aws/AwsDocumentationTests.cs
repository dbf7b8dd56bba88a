using System.Text.Json;
using System.Text.RegularExpressions;
using SecretFunctions.Providers.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>The page for admins says what the code does.</summary>
public sealed partial class AwsDocumentationTests
{
    private static readonly string Page = File.ReadAllText(Find("docs/providers/aws-secrets-manager.md"));

    [Fact]
    public void Every_code_of_the_failure_table_is_explained_with_ours_beside_it()
    {
        foreach (var row in AwsFailureTable.Rows)
        {
            foreach (var code in row.Codes)
            {
                Page.Split('\n').ShouldContain(
                    line => line.Contains($"`{code}`", StringComparison.Ordinal) && line.Contains($"`{row.Failure}`", StringComparison.Ordinal),
                    $"{code} -> {row.Failure}");
            }
        }
    }

    [Fact]
    public void Every_policy_is_JSON()
    {
        var policies = JsonBlock().Matches(Page).Select(match => match.Groups[1].Value).Where(text => text.Contains("Statement", StringComparison.Ordinal)).ToList();
        policies.Count.ShouldBe(3);
        foreach (var policy in policies)
        {
            using var document = JsonDocument.Parse(policy);
            document.RootElement.GetProperty("Version").GetString().ShouldBe("2012-10-17");
        }
    }

    private static string Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, path);
            if (File.Exists(file))
            {
                return file;
            }
        }

        throw new FileNotFoundException("The documentation is not where the tests look.", path);
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
