using System.Globalization;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Api.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;

namespace SecretFunctions.Api.Audit;

/// <summary>What a request asks of the log: which one, and which events.</summary>
internal static class AuditQueries
{
    private const int MaxLength = 300;

    private static readonly QueryParameter Log = new("log", ParameterType.Text, "deployment: what was done to the deployment's own keys and organizations; for its operator. Left out: the organization's log.");

    public static readonly QueryParameter[] WhichLog = [Log];

    public static readonly QueryParameter[] Filters =
    [
        Log,
        new("actor", ParameterType.Text, "Only of this actor: member:E-MAIL, automation:NAME or service:NAME."),
        new("action", ParameterType.Text, "Only this action: variable.resolve."),
        new("outcome", ParameterType.Text, "Only with this outcome: success, partial, failure or denied."),
        new("kickoff", ParameterType.Text, "Only of the kickoff with this id."),
        new("target", ParameterType.Text, "Only what was done to this, or where it took part: key:OPENAI_API_KEY, environment:prod."),
        new("from", ParameterType.Text, "At this time or later (RFC 3339)."),
        new("to", ParameterType.Text, "Before this time (RFC 3339)."),
    ];

    /// <summary>An organization's log is its own; the deployment's is the operator's.</summary>
    public static Result<string> ReadLog(HttpContext context) => context.Query(Log.Name) switch
    {
        null => context.OrganizationId(),
        "deployment" when Authorizer.CheckOperator(context.Caller()) is { } denied => denied,
        "deployment" => AuditReader.Deployment,
        _ => Failure.Invalid("audit.log_unknown", "'log' is deployment, or left out."),
    };

    public static Result<AuditFilter> ReadFilter(HttpContext context)
    {
        if (Filters.Any(filter => context.Query(filter.Name) is { Length: > MaxLength }))
        {
            return Failure.Invalid("audit.filter_invalid", $"A filter has at most {MaxLength} characters.");
        }

        (string, string)? target = null;
        if (context.Query("target") is { } text)
        {
            if (text.Split(':', 2) is not [{ Length: > 0 } name, { Length: > 0 } value])
            {
                return Failure.Invalid("audit.filter_invalid", "'target' is a name and a value: key:OPENAI_API_KEY.");
            }

            target = (name, value);
        }

        return ReadTime(context, "from").TryGet(out var from, out var failure) && ReadTime(context, "to").TryGet(out var to, out failure)
            ? new AuditFilter
            {
                Actor = context.Query("actor"),
                Action = context.Query("action"),
                Outcome = context.Query("outcome"),
                Kickoff = context.Query("kickoff"),
                Target = target,
                From = from.At,
                To = to.At,
            }
            : failure;
    }

    /// <summary>The place that a cursor of our own names, which was authenticated before.</summary>
    public static AuditPosition? ParsePosition(string? from)
    {
        if (from is null)
        {
            return null;
        }

        var space = from.IndexOf(' ', StringComparison.Ordinal);
        return new AuditPosition(from[(space + 1)..], int.Parse(from.AsSpan(0, space), CultureInfo.InvariantCulture));
    }

    public static string? Write(AuditPosition? position) =>
        position is { } next ? string.Create(CultureInfo.InvariantCulture, $"{next.Index} {next.Row}") : null;

    private static Result<Time> ReadTime(HttpContext context, string name)
    {
        if (context.Query(name) is not { } text)
        {
            return new Time(null);
        }

        return DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var at)
            ? new Time(at)
            : Failure.Invalid("audit.filter_invalid", $"'{name}' is a time like 2026-01-31T12:00:00Z.");
    }

    private sealed record Time(DateTimeOffset? At);
}
