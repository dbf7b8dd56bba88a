using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace SecretFunctions.Core.Tests.Variables;

/// <summary>JSON documents whose field names need every kind of escape, and the pointers into them.</summary>
internal static class JsonGen
{
    private static readonly Gen<string> Name = Gen.Elements("", "a", "b", "0", "-", "~", "~1", "/", "a/b", "é", "\\u0061b", "\\\"", "\\ud83d\\udd11", " ");

    private static readonly Gen<string> Space = Gen.Elements("", " ", "\n\t");

    private static readonly Gen<string> Scalar = Gen.Elements(
        "null", "true", "false", "0", "-1.50", "1e400", "12345678901234567890", "\"\"", "\"x\"", "\"\\n\\u00e9\"", "\"{}\"", "\"🔑\\\\\"");

    /// <summary>An object or array, at most four levels deep, with no field twice in one object.</summary>
    public static Gen<string> Document { get; } = Gen.OneOf(ObjectOf(Value(3)), ArrayOf(Value(3)));

    public static IEnumerable<(string Pointer, JsonElement Element)> Pointers(JsonElement element, string pointer)
    {
        var children = element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Select(field => (Step: field.Name.Replace("~", "~0").Replace("/", "~1"), field.Value)),
            JsonValueKind.Array => element.EnumerateArray().Select((item, index) => (Step: $"{index}", Value: item)),
            _ => [],
        };
        return children.SelectMany(child => Pointers(child.Value, $"{pointer}/{child.Step}").Prepend(($"{pointer}/{child.Step}", child.Value)));
    }

    private static Gen<string> Value(int depth) => depth == 0 ? Scalar : Gen.OneOf(Scalar, ObjectOf(Value(depth - 1)), ArrayOf(Value(depth - 1)));

    private static Gen<string> ObjectOf(Gen<string> value) =>
        from names in Name.ArrayOf().Resize(5)
        let distinct = names.Distinct().ToArray()
        from values in value.ArrayOf(distinct.Length)
        from space in Space
        select "{" + string.Join(",", distinct.Zip(values, (name, item) => $"{space}\"{name}\"{space}:{item}{space}")) + "}";

    private static Gen<string> ArrayOf(Gen<string> value) =>
        from items in value.ArrayOf().Resize(4)
        from space in Space
        select "[" + string.Join(",", items.Select(item => space + item + space)) + "]";
}
