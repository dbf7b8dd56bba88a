using System.Text.Json;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>Which events are asked for: those that fit everything that is set.</summary>
public sealed record AuditFilter
{
    public static AuditFilter All { get; } = new();

    /// <summary><c>member:someone@example.org</c>.</summary>
    public string? Actor { get; init; }

    public string? Action { get; init; }

    public string? Outcome { get; init; }

    /// <summary>Its id.</summary>
    public string? Kickoff { get; init; }

    /// <summary>What it was done to, or one of the variables that took part, by the name of a property and its value.</summary>
    public (string Name, string Value)? Target { get; init; }

    /// <summary>Uses of this variable alone: resolves and renders that it took part in, and where it was revealed.</summary>
    public VariableUse? Use { get; init; }

    /// <summary>At this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? To { get; init; }

    internal bool Fits(StoredEvent found)
    {
        if (this == All)
        {
            return true;
        }

        try
        {
            // An event that somebody changed may be anything. Without the list: it may be long, and what is not asked of it need not be read.
            using var parsed = JsonDocument.Parse(found.List.IsEmpty ? found.Before : (byte[])[.. found.Before.Span, .. "null"u8, .. found.After.Span]);
            return Fits(parsed.RootElement, found.List);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private bool Fits(JsonElement found, ReadOnlyMemory<byte> list) =>
        Is(found, "action", Action)
        && Is(found, "outcome", Outcome)
        && (Kickoff is null || (found.TryGetProperty("kickoff", out var kickoff) && Is(kickoff, "id", Kickoff)))
        && IsActor(found)
        && IsWithin(found)
        && (Target is not { } target || HasTarget(found, list, target))
        && (Use is null || Use.Fits(found, list));

    private bool IsActor(JsonElement found) =>
        Actor is null || (found.TryGetProperty("actor", out var actor) && $"{TextOf(actor, "type")}:{TextOf(actor, "name")}" == Actor);

    private bool IsWithin(JsonElement found) =>
        (From is null && To is null) || (found.TryGetProperty("at", out var at) && at.TryGetDateTimeOffset(out var time) && !(time < From) && !(time >= To));

    private static bool HasTarget(JsonElement found, ReadOnlyMemory<byte> list, (string Name, string Value) wanted) =>
        (found.TryGetProperty("target", out var target) && TextOf(target, wanted.Name) == wanted.Value)
        || (!list.IsEmpty && AnyVariable(list, variable => TextOf(variable, wanted.Name) == wanted.Value));

    internal static bool AnyVariable(ReadOnlyMemory<byte> list, Func<JsonElement, bool> fits)
    {
        using var parsed = JsonDocument.Parse(list);
        return parsed.RootElement.ValueKind == JsonValueKind.Array && parsed.RootElement.EnumerateArray().Any(fits);
    }

    internal static string? TextOf(JsonElement found, string name) =>
        found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Is(JsonElement found, string name, string? wanted) => wanted is null || TextOf(found, name) == wanted;
}

/// <summary>A variable as events name it.</summary>
public sealed record VariableUse(string Environment, string Scope, string Key)
{
    /// <summary>Those that hand out values.</summary>
    private static readonly string[] Actions = ["variable.resolve", "variable.render", "variable.reveal"];

    /// <summary>As the log names it: a personal one by a digest, which no other member's has.</summary>
    public static VariableUse Of(VariableAddress address, OrganizationKeys keys) => new(address.Environment, address.Scope.ToString(), address.RecordedAs(keys));

    internal bool Fits(JsonElement found, ReadOnlyMemory<byte> list) =>
        Actions.Contains(AuditFilter.TextOf(found, "action"))
        && found.TryGetProperty("target", out var target)
        && AuditFilter.TextOf(target, "environment") == Environment
        && (IsMeant(target) || (!list.IsEmpty && AuditFilter.AnyVariable(list, IsMeant)));

    /// <summary>The variable in an event's target, or in its list.</summary>
    public bool IsMeant(JsonElement named) => AuditFilter.TextOf(named, "key") == Key && AuditFilter.TextOf(named, "scope") == Scope;
}
