using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>How our own tokens are exchanged for access in one cloud, and for whom, as stored.</summary>
/// <param name="Cloud">See <see cref="FederationTarget.Cloud"/>.</param>
/// <param name="Fields">Whom to become there: checked against the cloud's fields, defaults filled in. None of them is secret.</param>
/// <param name="Audience">Of tokens: as it was given, or the cloud's default as of then.</param>
/// <param name="SubjectScope">How much of who asks a token names.</param>
/// <param name="Environments">Empty: all.</param>
public sealed record WorkloadIdentityConfig(
    string Name,
    string Cloud,
    IReadOnlyDictionary<string, string> Fields,
    string Audience,
    SubjectScope SubjectScope,
    CredentialScope Scope,
    IReadOnlyList<string> Environments,
    Changes Changes)
{
    /// <summary>Counts changes: whatever was cached or opened under an earlier state is worthless.</summary>
    public int Generation { get; init; }

    /// <summary>Whom it serves: they may see it.</summary>
    internal Place Served => new(Scope.Projects, Environments);

    /// <summary>Where it is changed and tried.</summary>
    internal Place Managed => PlaceOf(SubjectScope, Scope, Environments);

    /// <summary>
    /// All that its subject stands for. A cloud knows nothing but the subject, which is the same for everybody it does not tell apart: for what it does
    /// not name, a limit of the configuration limits nobody who writes such configurations.
    /// </summary>
    internal static Place PlaceOf(SubjectScope subject, CredentialScope scope, IReadOnlyList<string> environments) =>
        new(subject >= SubjectScope.Project ? scope.Projects : null, subject >= SubjectScope.Environment ? environments : []);

    /// <summary>At a kickoff.</summary>
    public bool Permits(TokenSubject who) => Scope.Permits(who.Project, who.Automation) && PermitsEnvironment(who.Environment);

    /// <summary>When a reference is written: whether everyone whom the variable serves could use it.</summary>
    internal bool Serves(VariableScope scope, Automation? automation, string environment) => Scope.Serves(scope, automation) && PermitsEnvironment(environment);

    internal bool PermitsEnvironment(string? environment) => Environments.Count == 0 || (environment is not null && Environments.Contains(environment));

    /// <summary>What a provider is told of it.</summary>
    internal IReadOnlyDictionary<string, string> Target => new Dictionary<string, string>(Fields, StringComparer.Ordinal) { [FederationTarget.Audience] = Audience };
}
