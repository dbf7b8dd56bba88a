namespace SecretFunctions.Core.Providers;

/// <summary>
/// The one vocabulary of what a store can answer. Details and hints may name secrets, addresses and identities; they never hold a
/// value, a token or a provider's body.
/// </summary>
public static class ProviderFailure
{
    public const string AuthenticationFailed = "provider.authentication_failed";
    public const string PermissionDenied = "provider.permission_denied";
    public const string SecretNotFound = "provider.secret_not_found";
    public const string VersionNotFound = "provider.version_not_found";

    /// <summary>The secret exists and must not be used: disabled, deleted and recoverable, expired, or not yet valid.</summary>
    public const string SecretDisabled = "provider.secret_disabled";
    public const string KeyNotFound = "provider.key_not_found";
    public const string NotJson = "provider.not_json";

    /// <summary>The bytes are not UTF-8, and there is no lossless way to hand them out as a string.</summary>
    public const string NotText = "provider.not_text";
    public const string Throttled = "provider.throttled";
    public const string Unreachable = "provider.unreachable";
    public const string Timeout = "provider.timeout";

    /// <summary>The store does not trust our token: issuer, audience, subject or conditions differ.</summary>
    public const string TrustRejected = "provider.trust_rejected";
    public const string InvalidRequest = "provider.invalid_request";

    /// <param name="code">One of the constants above.</param>
    /// <param name="detail">What happened.</param>
    /// <param name="hint">The likely cause and the remedy.</param>
    /// <param name="providerCode">The store's own code, verbatim.</param>
    public static Failure Create(string code, string detail, string hint, string? providerCode = null) =>
        new(FailureKind.Unresolved, code, detail) { Hint = hint, ProviderCode = providerCode };

    /// <summary>Whether the same call may succeed a moment later. Only then is it repeated, or a stale value served.</summary>
    public static bool IsTransient(this Failure failure) => failure.Code is Throttled or Unreachable or Timeout;
}
