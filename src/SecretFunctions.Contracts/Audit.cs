namespace SecretFunctions.Contracts;

/// <summary>Whether an audit log is as it was written.</summary>
/// <param name="Events">How many there are.</param>
/// <param name="FirstBroken">Null where all of it is.</param>
/// <param name="Checkpoint">The newest. Whoever notes it elsewhere can tell later that nothing up to there was taken back.</param>
public sealed record AuditVerification(bool Ok, long Events, AuditBreak? FirstBroken, AuditCheckpoint? Checkpoint);

/// <param name="Reason">changed, missing, reordered, inserted, tail_missing, chain_missing, checkpoint_changed or checkpoint_missing.</param>
/// <param name="At">Of the row, or of the one by which it was noticed.</param>
/// <param name="Number">In the chain; of checkpoints theirs.</param>
/// <param name="EventId">Of the event that is found there, where one can be read.</param>
public sealed record AuditBreak(string Reason, DateTimeOffset At, string? Chain, long Number, string? EventId);

/// <param name="SignedBy">The id of the issuer's key that signed it; null where none did, and only the organization's key vouches for it.</param>
public sealed record AuditCheckpoint(long Number, DateTimeOffset At, string Hash, string? SignedBy);

/// <summary>One use of a variable.</summary>
/// <param name="Action">variable.resolve, variable.render or variable.reveal.</param>
/// <param name="Outcome">success, the code of what went wrong, or withheld: others went wrong, so nothing was handed out.</param>
public sealed record VariableUsage(
    string EventId,
    DateTimeOffset At,
    long AgeSeconds,
    string Action,
    PrincipalReference Actor,
    string? Automation,
    UsageKickoff? Kickoff,
    string? Version,
    string Outcome);

public sealed record UsageKickoff(string? Id, string? Kind, string? TriggeredBy);

/// <summary>Which audit events to list or export: those that fit everything that is set.</summary>
public sealed record AuditEventQuery
{
    /// <summary><c>member:someone@example.org</c>.</summary>
    public string? Actor { get; init; }

    public string? Action { get; init; }

    public string? Outcome { get; init; }

    /// <summary>Its id.</summary>
    public string? Kickoff { get; init; }

    /// <summary><c>key:OPENAI_API_KEY</c>.</summary>
    public string? Target { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary><c>deployment</c> for the deployment's own.</summary>
    public string? Log { get; init; }
}
