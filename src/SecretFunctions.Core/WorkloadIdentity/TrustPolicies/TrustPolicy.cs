namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>What an admin pastes into a cloud so that it lets in whom a configuration is for. Nothing in it is secret.</summary>
/// <param name="Cloud">See <see cref="WorkloadIdentityConfig.Cloud"/>.</param>
/// <param name="Issuer">As tokens have it.</param>
/// <param name="Audience">As tokens have it.</param>
/// <param name="Subjects">Whom it admits: exactly these, or with a <c>*</c> at the end everybody whose subject begins so.</param>
/// <param name="Documents">Different forms of the same; the first one is what most people want.</param>
/// <param name="Warnings">Where it admits more than one would think, or cannot work.</param>
public sealed record TrustPolicy(
    string Cloud,
    string Issuer,
    string Audience,
    IReadOnlyList<string> Subjects,
    IReadOnlyList<TrustDocument> Documents,
    IReadOnlyList<TrustWarning> Warnings);

/// <param name="Name">Unique in its policy, for people and for choosing.</param>
/// <param name="Format">One of <see cref="TrustFormat"/>.</param>
public sealed record TrustDocument(string Name, string Format, string Content);

/// <summary>The languages of documents.</summary>
public static class TrustFormat
{
    public const string Json = "json";
    public const string Cli = "cli";
    public const string Terraform = "terraform";
    public const string Bicep = "bicep";
    public const string Yaml = "yaml";
}

/// <param name="Code">Stable; see docs/api.md.</param>
/// <param name="Detail">What is the matter.</param>
/// <param name="Hint">What to do about it.</param>
public sealed record TrustWarning(string Code, string Detail, string Hint);

/// <summary>Of whom a policy is wanted; a part that is null does not restrict.</summary>
public sealed record TrustSelection(string? Automation, string? Project, string? Environment)
{
    internal bool IsEmpty => Automation is null && Project is null && Environment is null;
}
