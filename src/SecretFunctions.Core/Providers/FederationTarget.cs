using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.Providers;

/// <summary>
/// What a workload identity configuration says where this provider's cloud exchanges our tokens for access: whom to become there, and what
/// that cloud asks of a token.
/// </summary>
/// <param name="Cloud">The configuration's <c>cloud</c>, unique among providers: <c>aws</c>, <c>google</c>, <c>azure</c>, <c>vault</c>, <c>conjur</c>.</param>
/// <param name="Fields">Whom to become: <c>roleArn</c>; <c>tenantId</c> and <c>clientId</c>. None of them is secret.</param>
/// <param name="DefaultAudience">Of tokens, where the configuration names none; from the checked fields.</param>
public sealed record FederationTarget(
    string Cloud, IReadOnlyList<ProviderField> Fields, Func<IReadOnlyDictionary<string, string>, string> DefaultAudience)
{
    /// <summary>The key under which <see cref="ProviderAuth.WorkloadIdentity.Target"/> holds the audience, beside the fields.</summary>
    public const string Audience = "audience";

    /// <summary>Taken where the configuration says none.</summary>
    public SubjectScope DefaultSubjectScope { get; init; } = SubjectScope.Automation;

    /// <summary>The longest <c>sub</c> that the cloud takes, in characters.</summary>
    public required int MaxSubjectLength { get; init; }

    /// <summary>Whether tokens carry AWS session tags.</summary>
    public bool TakesSessionTags { get; init; }

    /// <summary>As people call whoever exchanges tokens there.</summary>
    public string DisplayName { get; init; } = Cloud;

    /// <summary>Whether it may stand in the operator's own network, and then reach an issuer that is not public.</summary>
    public bool IsSelfHosted { get; init; }

    /// <summary>Its own codes of refusals that end by themselves where the trust was written only minutes ago. Empty: what was written holds at once.</summary>
    public IReadOnlyList<string> PropagationCodes { get; init; } = [];
}
