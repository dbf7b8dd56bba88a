using System.Text.Json;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Audit;

/// <summary>What happened, who did it, and how it ended. Names things, never holds a value.</summary>
/// <param name="Action">Dotted: <c>variable.put</c>.</param>
/// <param name="Outcome"><c>success</c>, <c>partial</c>, <c>failure</c> or <c>denied</c>.</param>
public sealed record AuditEvent(DateTimeOffset At, Caller Caller, string Action, string Outcome)
{
    public const string Success = "success";
    public const string Partial = "partial";
    public const string Failed = "failure";

    /// <summary>The caller may not.</summary>
    public const string Denied = "denied";

    /// <summary>What it was done to, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Target { get; init; } = [];

    /// <summary>Of a resolve: one JSON object per variable taken part, as the plan prepared it.</summary>
    public ReadOnlyMemory<byte> VariablesJson { get; init; }

    public Kickoff? Kickoff { get; init; }

    /// <summary>Of what failed or was refused as a whole: the code that the caller was told.</summary>
    public string? Code { get; init; }

    /// <summary>One line of the log, without its end.</summary>
    /// <param name="writeVariables">Writes the value of <c>variables</c>, where there are any.</param>
    internal void WriteTo(Utf8JsonWriter writer, Action<Utf8JsonWriter> writeVariables)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, EventId.New(At));
        writer.WriteString("at"u8, At.UtcDateTime);
        writer.WriteStartObject("actor"u8);
        writer.WriteString("type"u8, Principal.TypeName(Caller.Principal.Type));
        writer.WriteString("name"u8, Caller.Principal.Name);
        if (Caller.KeyId is { } keyId)
        {
            writer.WriteString("apiKey"u8, keyId);
        }

        if (Caller.Token is { } token)
        {
            writer.WriteString("trustedIssuer"u8, token.TrustedIssuer);
            writer.WriteString("subject"u8, token.Subject);
            writer.WriteString("tokenId"u8, token.Id);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("authentication"u8);
        writer.WriteString("type"u8, Authentication(Caller));
        writer.WriteEndObject();
        writer.WriteString("action"u8, Action);
        writer.WriteStartObject("target"u8);
        foreach (var (name, value) in Target)
        {
            writer.WriteString(name, value);
        }

        if (!VariablesJson.IsEmpty)
        {
            writer.WritePropertyName("variables"u8);
            writeVariables(writer);
        }

        writer.WriteEndObject();
        writer.WriteString("outcome"u8, Outcome);
        if (Code is not null)
        {
            writer.WriteString("code"u8, Code);
        }

        if (Kickoff is { } kickoff)
        {
            writer.WriteStartObject("kickoff"u8);
            writer.WriteString("id"u8, kickoff.Id);
            writer.WriteString("kind"u8, kickoff.Kind);
            writer.WriteString("triggeredBy"u8, kickoff.TriggeredBy);
            writer.WriteEndObject();
        }

        if (Caller.Origin is { } origin)
        {
            writer.WriteString("address"u8, origin.Address);
            writer.WriteString("requestId"u8, origin.RequestId);
        }

        writer.WriteEndObject();
    }

    /// <summary>With what the caller was recognized; which key or token it was stands with the actor.</summary>
    private static string Authentication(Caller caller) => caller switch
    {
        { KeyId: not null } => "api-key",
        { Token: not null } => "token",
        { IsOperator: true } => "operator-key",
        _ => "none",
    };
}

/// <summary>One start of an automation, as the caller tells it.</summary>
public sealed record Kickoff(string? Id, string? Kind, string? TriggeredBy)
{
    public static readonly IReadOnlyList<string> Kinds = ["crew", "flow", "training", "test", "checkpoint-restore", "deploy"];
}
