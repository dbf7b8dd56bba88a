using System.Globalization;
using System.Text.Json;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>What listings and items have in common. <paramref name="State"/> is ARCHIVED or DELETED, or null where the item may be used.</summary>
internal sealed record ItemSummary(string Id, string Title, string Version, string? State)
{
    /// <summary>Null where this is no item.</summary>
    public static ItemSummary? From(JsonElement item) =>
        item.At("id").AsText() is { } id && ConnectQuery.IsId(id) && item.At("version").AsInteger() is { } version
            ? new ItemSummary(id, item.At("title").AsText() ?? "", version.ToString(CultureInfo.InvariantCulture), StateOf(item))
            : null;

    /// <summary>Fail closed: a state we do not know is none to use an item in.</summary>
    private static string? StateOf(JsonElement item) => item.At("state").AsText() switch
    {
        null or "" or "ACTIVE" => null,
        "DELETED" => "DELETED",
        _ => "ARCHIVED",
    };
}
