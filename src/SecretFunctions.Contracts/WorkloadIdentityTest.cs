using System.Text.Json;

namespace SecretFunctions.Contracts;

/// <summary>What to test a workload identity configuration with. Whatever may be a query parameter too is taken from here where it is in both.</summary>
public sealed record WorkloadIdentityTestRequest
{
    /// <summary>As this automation.</summary>
    public string? Automation { get; init; }

    /// <summary>As this project, where tokens name no automation.</summary>
    public string? Project { get; init; }

    /// <summary>Default: dev.</summary>
    public string? Environment { get; init; }

    /// <summary>Through this credential. Left out: the first that refers to the configuration.</summary>
    public string? Credential { get; init; }

    /// <summary>Read this one too, as a reference would name it. Nothing of its value is in the answer.</summary>
    public string? Secret { get; init; }
}

/// <param name="Identity">Who we became, where the cloud tells.</param>
/// <param name="Token">What the token says that was exchanged; null where none was made.</param>
public sealed record WorkloadIdentityTestResponse(bool Ok, string? Identity, DecodedTokenResource? Token, IReadOnlyList<WorkloadIdentityTestCheck> Checks);

/// <summary>A token's contents, without its signature: it gets nobody in.</summary>
public sealed record DecodedTokenResource(IReadOnlyDictionary<string, JsonElement> Header, IReadOnlyDictionary<string, JsonElement> Claims);

/// <param name="Name">subject, mint, issuer, discovery, algorithm, keys, response-time, audience, credential, exchange, clock or read.</param>
public sealed record WorkloadIdentityTestCheck(string Name, bool Ok, string? Code, string? ProviderCode, string? Detail, string? Hint);
