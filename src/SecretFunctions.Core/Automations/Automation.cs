using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Automations;

/// <summary>A crew, flow, pipeline or job that resolves variables.</summary>
/// <param name="Owner">A member's e-mail; null where nobody owns it: then it has no personal variables to fall back to.</param>
public sealed record Automation(string Name, string Project, string? Owner, string? DisplayName, string? Description, Changes Changes)
{
    /// <summary>Random and never used again: a later automation of this name is another. Null where an earlier version made it.</summary>
    public string? Id { get; init; }

    /// <summary>Set once deleted: the name stays reserved.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>How often the owner changed: what one of them said is of their time, also if they become it again by somebody else's word.</summary>
    public int Ownership { get; init; }
}

/// <summary>What one automation may resolve in one environment: all of it, as one document.</summary>
public sealed record AssignmentList(string Automation, string Environment, IReadOnlyList<Assignment> Items, Changes Changes)
{
    public const int MaxItems = 1000;

    /// <summary>The automation's owner, if they wrote this list with a credential of their own; see <see cref="IsByOwner"/>.</summary>
    public Person? ByOwner { get; init; }

    /// <summary>Of the automation, when they did.</summary>
    public int Ownership { get; init; }

    /// <summary>
    /// Whether it is this person's own word that the automation is given what is for them alone. To be named an owner does not do: anybody who manages
    /// automations can name anybody.
    /// </summary>
    internal bool IsByOwner(Automation automation, Person? person) => ByOwner is not null && ByOwner == person && Ownership == automation.Ownership;
}

/// <summary>One variable. The scope is told by kind alone: a project's and an automation's are the automation's own.</summary>
public sealed record Assignment(string Key, Variables.ScopeKind Scope);

/// <summary>
/// Values of one automation in one environment, resolved once and kept: what a deployment pinned.
/// </summary>
public sealed record Snapshot(string Id, string Automation, string Environment, IReadOnlyList<SnapshotEntry> Entries, Changes Changes)
{
    public string? Description { get; init; }

    /// <summary>Whose personal variables are among the entries: they open for that member alone.</summary>
    public Person? Person { get; init; }

    /// <summary>What the organization's log, and everybody but that member, call an entry.</summary>
    public string Recorded(SnapshotEntry entry, Vault.OrganizationKeys keys) =>
        entry.Scope == Variables.VariableScope.PersonalName ? keys.PersonalName(Person?.Id ?? "", entry.Key) : entry.Key;

    internal string SealSubject(string key) => $"snapshot/{Automation}/{Id}/{key}";
}

/// <param name="Version">Of the source at the time.</param>
/// <param name="Sealed">The value, sealed anew and bound to the snapshot.</param>
public sealed record SnapshotEntry(string Key, string Scope, string From, string? Credential, string? Secret, string Version, byte[] Sealed)
{
    /// <summary>Whom the variable was for at the time.</summary>
    public IReadOnlyList<AccessEntry>? Access { get; init; }
}
