using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

/// <summary>What these tests say often.</summary>
internal static class Given
{
    /// <summary>The assignments of a document that must be right.</summary>
    public static Dictionary<string, string> Assignments(ReadOnlySpan<byte> utf8)
    {
        DotenvDocument.Parse(utf8).TryGet(out var document, out var failure).ShouldBeTrue(failure?.Detail);
        using (document)
        {
            return document!.Entries.ToDictionary(entry => entry.Key.Value, entry => Text(entry.Value));
        }
    }

    public static Dictionary<string, string> Assignments(string document) => Assignments(Encoding.UTF8.GetBytes(document));

    /// <summary>The errors of a document that must be wrong, as "line code".</summary>
    public static string[] Errors(ReadOnlySpan<byte> utf8)
    {
        DotenvDocument.Parse(utf8).TryGet(out _, out var failure).ShouldBeFalse();
        failure!.Kind.ShouldBe(FailureKind.Invalid);
        failure.Code.ShouldBe("dotenv.invalid");
        return [.. failure.Errors.Select(error => $"{error.Line} {error.Code}")];
    }

    public static string[] Errors(string document) => Errors(Encoding.UTF8.GetBytes(document));

    public static string Text(SecretValue value) => Encoding.UTF8.GetString(value.Reveal());

    /// <summary>The names of the cases in one of the files of <c>tests/vectors</c>.</summary>
    public static IEnumerable<string> Cases(string file) => Read(file).Select(Name);

    public static JsonElement Case(string file, string name) => Read(file).Single(vector => Name(vector) == name);

    private static string Name(JsonElement vector) => vector.GetProperty("name").GetString()!;

    private static IEnumerable<JsonElement> Read(string file) =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", file))).GetProperty("cases").EnumerateArray();
}
