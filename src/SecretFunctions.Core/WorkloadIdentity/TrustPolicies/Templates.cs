using System.Text.RegularExpressions;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>
/// The modules in <c>infra/federation</c>, which are in this assembly too: what is printed is the module with a configuration's values as
/// defaults, so that the two cannot differ.
/// </summary>
internal static partial class Templates
{
    /// <param name="cloud">A folder.</param>
    /// <param name="values">By variable, an expression each. A variable that is not among them keeps its own default.</param>
    public static string Terraform(string cloud, IReadOnlyDictionary<string, string> values)
    {
        var variables = Read($"{cloud}/variables.tf");
        foreach (var (name, value) in values)
        {
            // As the formatter would have it: values over several lines are not aligned.
            var assignment = value.Contains('\n', StringComparison.Ordinal) ? $"  default = {value}\n" : $"  default     = {value}\n";
            variables = Once(HclVariable(name), variables, match => HclType().Replace(HclDefault().Replace(match.Value, ""), type => type.Value + assignment));
        }

        return $"{variables}\n{Read($"{cloud}/main.tf")}\n{Read($"{cloud}/outputs.tf")}";
    }

    /// <param name="cloud">A folder.</param>
    /// <param name="values">By parameter, an expression each.</param>
    public static string Bicep(string cloud, IReadOnlyDictionary<string, string> values)
    {
        var text = Read($"{cloud}/main.bicep");
        foreach (var (name, value) in values)
        {
            text = Once(BicepParameter(name), text, match => $"{match.Groups[1].Value} = {value}");
        }

        return text;
    }

    /// <param name="path">Below <c>infra/federation</c>.</param>
    public static string Read(string path)
    {
        using var stream = typeof(Templates).Assembly.GetManifestResourceStream($"federation/{path}")
            ?? throw new InvalidOperationException($"The assembly lacks '{path}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Once(Regex place, string text, MatchEvaluator with) => place.Count(text) == 1
        ? place.Replace(text, with)
        : throw new InvalidOperationException($"A template has no such place, or several: {place}");

    /// <summary>The block, up to the brace at the beginning of a line that ends it.</summary>
    private static Regex HclVariable(string name) => new($@"^variable ""{Regex.Escape(name)}"" \{{\n(?:[ }}\t].*\n|\n)*\}}$", RegexOptions.Multiline);

    private static Regex BicepParameter(string name) => new($@"^(param {Regex.Escape(name)} \w+)(?: = '.*')?$", RegexOptions.Multiline);

    [GeneratedRegex(@"^  type .*\n", RegexOptions.Multiline)]
    private static partial Regex HclType();

    /// <summary>Over one line, or several.</summary>
    [GeneratedRegex(@"^  default\s*= (?:[\[{]\n(?:    .*\n)*  [\]}]|.*)\n", RegexOptions.Multiline)]
    private static partial Regex HclDefault();
}
