using System.Text.Json;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>A configuration to write, with the cloud's own fields as they came.</summary>
/// <param name="Audience">Null: the cloud's default.</param>
/// <param name="SubjectScope">Null: the cloud's default.</param>
/// <param name="Environments">Empty: all.</param>
public sealed record WorkloadIdentityInput(
    string Cloud,
    IReadOnlyDictionary<string, JsonElement> Fields,
    string? Audience,
    SubjectScope? SubjectScope,
    CredentialScope Scope,
    IReadOnlyList<string> Environments);
