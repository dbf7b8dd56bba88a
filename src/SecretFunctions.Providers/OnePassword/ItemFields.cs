using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>Finds the one field of an item that a selector means. Which it is has to be beyond doubt; everything else is an error.</summary>
internal static class ItemFields
{
    private const string AnyPurposes = "USERNAME, PASSWORD, NOTES";

    /// <summary>
    /// By exact id; else by label, <c>section/label</c> within the section of that id or label; else by purpose. Without a selector the field
    /// whose purpose is PASSWORD, else the only concealed one.
    /// </summary>
    public static Result<SecretValue> Select(SecretValue item, string? selector)
    {
        var reader = new Utf8JsonReader(item.Reveal());
        using var document = Parse(ref reader);
        if (document is null)
        {
            return ProviderFailure.Create(ProviderFailure.NotJson, "The item is not a JSON document.", "Something else than 1Password Connect answered: check the address.");
        }

        var fields = Read(document.RootElement);
        var candidates = Rules(selector).Select(rule => fields.Where(rule).ToArray()).FirstOrDefault(found => found.Length > 0) ?? [];
        var asked = selector is null ? "password field" : $"field \"{selector}\"";
        return candidates switch
        {
            [{ HasValue: true } only] => ValueOf(item, only),
            [_] => ProviderFailure.Create(ProviderFailure.KeyNotFound, $"The {asked} of the item has no value.", "Fill it in, or select another field."),
            [] => ProviderFailure.Create(
                ProviderFailure.KeyNotFound,
                $"The item has no {asked}.",
                $"Select a field by its id, its label (case counts), section/label, or its purpose ({AnyPurposes}). The item has: {Ids(fields)}."),
            _ => ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                $"{candidates.Length} fields of the item could be the {asked}.",
                $"Select the one that is meant by its id, or as section/label. Candidates: {Ids(candidates)}."),
        };
    }

    /// <summary>From the most to the least exact; the first that finds anything decides.</summary>
    private static IEnumerable<Func<Field, bool>> Rules(string? selector)
    {
        if (selector is null)
        {
            yield return static field => field.Purpose == "PASSWORD";
            yield return static field => field.Type == "CONCEALED";
            yield break;
        }

        yield return field => field.Id == selector;
        yield return field => field.Label == selector;
        yield return field => Enumerable.Range(0, selector.Length)
            .Where(i => selector[i] == '/') // Labels and section names may have slashes too, so any of them may be the one.
            .Any(i => field.IsInSection(selector[..i]) && (field.Id == selector[(i + 1)..] || field.Label == selector[(i + 1)..]));
        yield return field => field.Purpose.Length > 0 && string.Equals(field.Purpose, selector, StringComparison.OrdinalIgnoreCase);
    }

    private static JsonDocument? Parse(ref Utf8JsonReader reader)
    {
        try
        {
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null; // Its message quotes the item.
        }
    }

    private static Field[] Read(JsonElement item)
    {
        var sections = item.At("sections").AsItems()
            .Select(section => (Id: section.At("id").AsText() ?? "", Label: section.At("label").AsText() ?? ""))
            .ToLookup(section => section.Id, section => section.Label, StringComparer.Ordinal);
        return
        [
            .. item.At("fields").AsItems().Select((field, index) =>
            {
                var section = field.At("section", "id").AsText();
                return new Field(
                    index,
                    field.At("id").AsText() ?? "",
                    field.At("label").AsText() ?? "",
                    field.At("type").AsText() ?? "",
                    field.At("purpose").AsText() ?? "",
                    section,
                    section is null ? null : sections[section].FirstOrDefault(),
                    field.At("value").ValueKind == JsonValueKind.String);
            }),
        ];
    }

    /// <summary>By position and on the bytes: no string is ever made of a value.</summary>
    private static Result<SecretValue> ValueOf(SecretValue item, Field field) =>
        JsonFieldSelector.TryParse($"/fields/{field.Index}/value", out var pointer)
            ? pointer.Extract(item.Reveal())
            : throw new InvalidOperationException("A pointer made of a number is valid.");

    private static string Ids(IEnumerable<Field> fields) => string.Join(", ", fields.Select(field => field.Id));

    /// <summary>All of a field but its value.</summary>
    private sealed record Field(int Index, string Id, string Label, string Type, string Purpose, string? SectionId, string? SectionLabel, bool HasValue)
    {
        public bool IsInSection(string name) => SectionId is not null && (SectionId == name || SectionLabel == name);
    }
}
