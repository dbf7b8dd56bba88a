using System.Text.Json;
using System.Text.RegularExpressions;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>
/// Why Google does not take our token, or lets it not become a service account. Codes first; of one code's several meanings only the text
/// tells, which is matched and never passed on.
/// </summary>
internal static partial class GoogleExchangeFailures
{
    private const string Later = "Google reports outages at https://status.cloud.google.com; nothing needs to be changed here.";
    private const string Describe = " See it with: gcloud iam workload-identity-pools providers describe PROVIDER --workload-identity-pool POOL --location global.";

    /// <summary>The first that fits. Null fits anything.</summary>
    private static readonly Row[] Exchange =
    [
        new(null, "127 bytes", ProviderFailure.InvalidRequest,
            "The token's subject is longer than google.subject may be.",
            "Choose a coarser subjectScope for the configuration, or map google.subject to something shorter."),
        new("invalid_request", "audience", ProviderFailure.InvalidRequest,
            "Google does not take the provider's name.",
            "workloadIdentityProvider is the full name of a provider, not of its pool, with the project's number: projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER."),
        new("invalid_target", null, ProviderFailure.TrustRejected,
            "Google has no such workload identity provider.",
            "Pool or provider is disabled, deleted or was never there, or workloadIdentityProvider is mistyped (it has the project's number)." + Describe),
        new("invalid_grant", "given credential's issuer", ProviderFailure.TrustRejected,
            "Google could not get the issuer's keys.",
            "The issuer's /.well-known/openid-configuration and key set must be reachable from the internet; or the key set uploaded to the provider is stale. Google keeps what it fetched "
            + "for a while: after a change wait some minutes and try again."),
        new("invalid_grant", "audience", ProviderFailure.TrustRejected,
            "The provider does not allow the token's audience.",
            "Without allowed audiences it takes https://iam.googleapis.com/ and its own full name, which is the default here; else the configuration's audience must be among them." + Describe),
        new("invalid_grant", "issuer", ProviderFailure.TrustRejected,
            "The provider expects another issuer.",
            "Its issuer-uri has to be the token's issuer exactly, without a slash at the end." + Describe),
        new("invalid_grant", "stale", ProviderFailure.TrustRejected, "The token had ended when Google saw it.", "This service's clock is off: synchronize it; or the issuer's token lifetime is too short."),
        new("invalid_grant", "future", ProviderFailure.TrustRejected, "The token had not begun when Google saw it.", "This service's clock is off: synchronize it."),
        new("invalid_grant", null, ProviderFailure.TrustRejected,
            "Google does not take the token.",
            "Its signature (RS256, by a key that the issuer publishes), issuer, audience or lifetime is not what the provider expects. Check that the issuer's keys are this service's own, and the clock." + Describe),
        new("unauthorized_client", "attribute condition", ProviderFailure.TrustRejected,
            "The provider's attribute condition does not admit the token.",
            "Compare the attribute condition (CEL) and the attribute mapping with the token's subject and claims." + Describe),
        new("unauthorized_client", null, ProviderFailure.TrustRejected, "The provider does not admit the token.", "Compare its attribute mapping and condition with the token's subject and claims." + Describe),
    ];

    private static readonly Row OtherExchange = new(null, null, ProviderFailure.TrustRejected,
        "Google refused to exchange the token.", "Look the provider code up in Google's documentation of workload identity federation, and check workloadIdentityProvider." + Describe);

    /// <summary>By IAM's status or, where it has one, its reason.</summary>
    private static readonly Row[] Impersonation =
    [
        new("SERVICE_DISABLED", null, ProviderFailure.PermissionDenied,
            "The IAM Service Account Credentials API is not enabled in {account}'s project.",
            "Enable it: gcloud services enable iamcredentials.googleapis.com --project PROJECT. It takes a few minutes to apply."),
        new("IAM_PERMISSION_DENIED", null, ProviderFailure.TrustRejected, "IAM does not let the token become {account}, or there is no such service account.", Grant),
        new("PERMISSION_DENIED", null, ProviderFailure.TrustRejected, "IAM does not let the token become {account}, or there is no such service account.", Grant),
        new("NOT_FOUND", null, ProviderFailure.TrustRejected,
            "There is no service account {account}.", "Check serviceAccount of the configuration: gcloud iam service-accounts list --project PROJECT."),
        new("UNAUTHENTICATED", null, ProviderFailure.AuthenticationFailed,
            "IAM did not accept the federated token it was given.", "Pool or provider was disabled in between: check both." + Describe),
        new("INVALID_ARGUMENT", null, ProviderFailure.InvalidRequest, "IAM does not take the request to become {account}.", "Check serviceAccount of the configuration."),
    ];

    private const string Grant = "Check the e-mail address, and grant roles/iam.workloadIdentityUser on it: gcloud iam service-accounts add-iam-policy-binding {account} "
        + "--role roles/iam.workloadIdentityUser --member \"{principal}\". It takes a few minutes to apply.";

    private static readonly Row OtherImpersonation = new(null, null, ProviderFailure.AuthenticationFailed,
        "IAM refused to let the token become {account}.", "Look the provider code up in the documentation of IAM Service Account Credentials.");

    public static Failure OfExchange(StoreAnswer answer)
    {
        using var document = answer.TryParse();
        var code = Harmless(document?.RootElement.At("error").AsText());
        var text = document?.RootElement.At("error_description").AsText() ?? "";
        return Find(answer, Exchange, code, text) ?? (code is null ? GoogleTokenFailures.Foreign : Create(OtherExchange, code, answer));
    }

    public static Failure OfImpersonation(StoreAnswer answer, string account, string principal)
    {
        var error = Parse(answer.Body.Span);
        var code = Harmless(error?.Reason) ?? Harmless(error?.Status);
        var failure = Find(answer, Impersonation, code, error?.Message ?? "")
            ?? Find(answer, Impersonation, Harmless(error?.Status), "")
            ?? (code is null ? GoogleTokenFailures.Foreign : Create(OtherImpersonation, code, answer));
        return failure with { Detail = Fill(failure.Detail), Hint = Fill(failure.Hint!), ProviderCode = code };

        string Fill(string text) =>
            text.Replace("{account}", account, StringComparison.Ordinal).Replace("{principal}", principal, StringComparison.Ordinal);
    }

    private static Failure? Find(StoreAnswer answer, Row[] rows, string? code, string text) => answer.Status switch
    {
        429 => Create(new Row(null, null, ProviderFailure.Throttled, "Google's token endpoints are throttling.", Later), code, answer),
        408 or >= 500 => Create(new Row(null, null, ProviderFailure.Unreachable, "Google's token endpoints failed.", Later), code, answer),
        < 400 => GoogleTokenFailures.Foreign,
        _ when code is not null && Array.Find(rows, row => row.Fits(code, text)) is { } row => Create(row, code, answer),
        _ => null,
    };

    private static Failure Create(Row row, string? code, StoreAnswer answer) =>
        ProviderFailure.Create(row.Failure, row.Detail, row.Hint, code) with { RetryAfter = answer.RetryAfter };

    private static string? Harmless(string? code) => code is not null && Code().IsMatch(code) ? code : null;

    private static ErrorStatus? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, SecretManagerJson.Default.ErrorAnswer)?.Error;
        }
        catch (JsonException)
        {
            return null; // Its message quotes the body.
        }
    }

    /// <summary>What codes of OAuth and of Google look like. Anything else in that place could be anything.</summary>
    [GeneratedRegex(@"^[A-Za-z_]{1,60}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    private sealed record Row(string? Code, string? Text, string Failure, string Detail, string Hint)
    {
        public bool Fits(string code, string text) =>
            (Code is null || Code == code) && (Text is null || text.Contains(Text, StringComparison.OrdinalIgnoreCase));
    }
}
