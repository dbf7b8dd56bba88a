using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

/// <summary>
/// How the service's own tokens are exchanged for access in one cloud, and for whom. Beside what is named here it has the cloud's own fields:
/// roleArn, workloadIdentityProvider, tenantId, …
/// </summary>
public sealed record WorkloadIdentityConfigRequest
{
    /// <summary>aws, google, azure, vault or conjur.</summary>
    public required string Cloud { get; init; }

    /// <summary>For whom tokens are. Left out: what the cloud expects.</summary>
    public string? Audience { get; init; }

    /// <summary>How much of who asks a token names: organization, project, environment or automation. Left out: what suits the cloud.</summary>
    public string? SubjectScope { get; init; }

    /// <summary>organization (the default), or projects.</summary>
    public string? Scope { get; init; }

    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Empty: all in scope.</summary>
    public IReadOnlyList<string>? Automations { get; init; }

    /// <summary>Empty: all.</summary>
    public IReadOnlyList<string>? Environments { get; init; }

    /// <summary>The cloud's own fields. Settable, since the source generator makes init-only properties constructor parameters, which these cannot be.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Fields { get; set; }
}

public sealed record WorkloadIdentityConfigResource
{
    public required string Name { get; init; }

    public required string Cloud { get; init; }

    public required string Audience { get; init; }

    public required string SubjectScope { get; init; }

    public required string Scope { get; init; }

    public required IReadOnlyList<string> Projects { get; init; }

    public required IReadOnlyList<string> Automations { get; init; }

    public required IReadOnlyList<string> Environments { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required string UpdatedBy { get; init; }

    /// <summary>The cloud's own fields. Settable, since the source generator makes init-only properties constructor parameters, which these cannot be.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Fields { get; set; }
}

public sealed record TokenMintRequest
{
    /// <summary>Whom the token is for: that of a workload identity configuration, or one of the organization's tokenAudiences.</summary>
    public required string Audience { get; init; }

    /// <summary>Default: dev.</summary>
    public string? Environment { get; init; }

    /// <summary>Which configuration decides how much of the automation the token names, where several have this audience.</summary>
    public string? Config { get; init; }

    public KickoffRequest? Kickoff { get; init; }
}

public sealed record TokenMintResponse(SensitiveText Token, DateTimeOffset ExpiresAt);

/// <summary>What to paste into a cloud, so that it lets in whom a workload identity configuration is for. Nothing in it is secret.</summary>
/// <param name="Subjects">Whom it admits: exactly these, or with a <c>*</c> at the end everybody whose subject begins so.</param>
/// <param name="Documents">Different forms of the same; the first one is what most people want.</param>
/// <param name="Warnings">Where it admits more than one would think, or cannot work.</param>
public sealed record TrustPolicyResponse(
    string Cloud,
    string Issuer,
    string Audience,
    IReadOnlyList<string> Subjects,
    IReadOnlyList<TrustPolicyDocument> Documents,
    IReadOnlyList<TrustPolicyWarning> Warnings);

/// <param name="Name">Unique in the answer.</param>
/// <param name="Format">json, cli, terraform, bicep or yaml.</param>
public sealed record TrustPolicyDocument(string Name, string Format, string Content);

/// <param name="Hint">What to do about it.</param>
public sealed record TrustPolicyWarning(string Code, string Detail, string Hint);
