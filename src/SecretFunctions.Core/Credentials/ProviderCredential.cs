using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Credentials;

/// <summary>How to reach one external store, as stored.</summary>
/// <param name="Settings">Checked against the provider's fields, defaults filled in.</param>
public sealed record ProviderCredential(
    string Name, string Provider, IReadOnlyDictionary<string, string> Settings, StoredAuth Auth, CredentialScope Scope, Changes Changes)
{
    /// <summary>Taken by references that name the provider alone. At most one per provider.</summary>
    public bool Default { get; init; }

    /// <summary>0 reads at every kickoff; at most 86400.</summary>
    public int CacheTtlSeconds { get; init; } = 300;

    /// <summary>How long beyond its TTL a value may be served while the store cannot be reached; 0 never.</summary>
    public int StaleIfErrorSeconds { get; init; }

    /// <summary>When the static credential itself expires: warned about 30, 7 and 1 days before.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Counts changes of what is needed to reach the store: what was cached or opened under an earlier one is worthless.</summary>
    public int Generation { get; init; }

    /// <summary>Where it is changed: in all of the projects it is for. Whom it serves may see it.</summary>
    internal Place Place => new(Scope.Projects, []);

    internal string SealSubject => $"credential/{Name}";
}

/// <param name="Type">static, ambient or workload-identity.</param>
/// <param name="Fields">Names of the static fields that were given.</param>
/// <param name="Sealed">Their values as one JSON object, sealed for this credential and generation; null where there are none.</param>
/// <param name="Config">The workload identity configuration.</param>
public sealed record StoredAuth(string Type, IReadOnlyList<string> Fields, byte[]? Sealed, string? Config);

/// <summary>Which automations may reach the store through it: a project's, or everybody's; among those the named ones, or all.</summary>
/// <param name="Projects">Null: the whole organization.</param>
/// <param name="Automations">Empty: all of the above.</param>
public sealed record CredentialScope(IReadOnlyList<string>? Projects, IReadOnlyList<string> Automations)
{
    /// <summary>At a kickoff. A member's or service's own resolve has no automation, so gets by only where none is demanded.</summary>
    public bool Permits(string? project, string? automation) =>
        (Projects is null || (project is not null && Projects.Contains(project)))
        && (Automations.Count == 0 || (automation is not null && Automations.Contains(automation)));

    /// <summary>Whether everybody whom this permits is permitted there too, as far as names tell.</summary>
    internal bool IsWithin(CredentialScope other) =>
        (other.Projects is null || Projects?.All(other.Projects.Contains) == true)
        && (other.Automations.Count == 0 || (Automations.Count > 0 && Automations.All(other.Automations.Contains)));

    /// <summary>
    /// When a reference is written: whether everyone whom the variable's scope serves could use it. Automations that the credential
    /// names are checked at the kickoff, where they are known.
    /// </summary>
    internal bool Serves(VariableScope scope, Automation? automation) => scope.Kind switch
    {
        ScopeKind.Project => Projects is null || Projects.Contains(scope.Name),
        ScopeKind.Automation => Permits(automation?.Project, scope.Name),
        _ => Projects is null,
    };
}

/// <summary>Which credential is its provider's default: one row, so that two writers cannot both win.</summary>
internal sealed record DefaultCredential(string Credential);
