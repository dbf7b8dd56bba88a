using System.Text.Json;

namespace SecretFunctions.Core.Credentials;

/// <summary>A credential to write, with the provider's own fields as they came: their names and types are the provider's to know.</summary>
public sealed record CredentialInput(
    string Provider,
    IReadOnlyDictionary<string, JsonElement> Settings,
    IReadOnlyDictionary<string, JsonElement> Auth,
    bool Default,
    CredentialScope Scope,
    int CacheTtlSeconds,
    int StaleIfErrorSeconds,
    DateTimeOffset? ExpiresAt);
