using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>What a cloud is to be told.</summary>
/// <param name="Issuer">Without a slash at its end.</param>
/// <param name="Config">Whose fields say whom to become there.</param>
/// <param name="Subjects">At least one; cut to the configuration's subject scope, distinct, in a stable order.</param>
internal sealed record TrustInput(string Issuer, WorkloadIdentityConfig Config, IReadOnlyList<TokenSubject> Subjects)
{
    public string Audience => Config.Audience;

    /// <summary>One of the cloud's own fields.</summary>
    public string Field(string name) => Config.Fields[name];

    public TrustPolicy ToPolicy(AdmittedSubjects admitted, IReadOnlyList<TrustDocument> documents, IEnumerable<TrustWarning> warnings) =>
        new(Config.Cloud, Issuer, Audience, admitted.Values, documents, [.. warnings]);
}
