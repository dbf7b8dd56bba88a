using Google.Apis.Auth.OAuth2.Responses;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>
/// Why Google gave no token. The OAuth error is a machine code; its description is not, but is all that tells
/// a deleted key from a deleted account. It is matched, never passed on.
/// </summary>
internal static class GoogleTokenFailures
{
    /// <summary>The first that fits. Null fits anything.</summary>
    private static readonly Row[] Rows =
    [
        new("invalid_grant", "signature",
            "Google does not accept this key's signature.",
            "The key was deleted or disabled, or belongs to another service account: create a new one (gcloud iam service-accounts keys create) and write it to this credential."),
        new("invalid_grant", "account not found",
            "Google has no such service account.",
            "It was deleted or its e-mail address changed: check client_email in the key file, and create a key of an existing account."),
        new("invalid_grant", "short-lived",
            "Google considers the assertion's time wrong.",
            "This service's clock is off by minutes: synchronize it."),
        new("invalid_grant", null,
            "Google refused this key.",
            "Check that the service account and this key exist and are enabled (gcloud iam service-accounts keys list), and this service's clock."),
        new("unauthorized_client", null,
            "The service account may not ask for this access.",
            "Check that the service account is enabled, and the organization's policies on service account keys."),
        new("disabled_client", null,
            "The service account is disabled.",
            "Enable it: gcloud iam service-accounts enable."),
    ];

    private static readonly Row Other = new(null, null,
        "Google refused this identity.",
        "Check that the service account exists and is enabled, and that its key is current.");

    /// <summary>An answer without a token and without an OAuth error.</summary>
    public static readonly Failure Foreign = ProviderFailure.Create(
        ProviderFailure.InvalidRequest,
        "The answer is not one that Google's token endpoint gives.",
        "Something else answers at this address: check the endpoint override and any proxy in between.");

    private const string Later = "Google reports outages at https://status.cloud.google.com; nothing needs to be changed here.";

    /// <summary>Null for an exception that is none of the expected ones.</summary>
    public static Failure? From(Exception exception)
    {
        if (TransportFailure.From(exception) is { } transport)
        {
            return transport;
        }

        return exception switch
        {
            TokenResponseException refused => FromAnswer(refused),
            // How the library takes an empty body.
            NullReferenceException { Source: "Google.Apis.Auth" } => Foreign,
            _ => null,
        };
    }

    private static Failure FromAnswer(TokenResponseException refused)
    {
        // Where the body is not an OAuth error the library puts a sentence of its own there.
        var code = refused.Error?.Error is { } text && !text.Contains(' ', StringComparison.Ordinal) ? text : null;
        return (int?)refused.StatusCode switch
        {
            429 => ProviderFailure.Create(ProviderFailure.Throttled, "Google's token endpoint is throttling.", Later, code),
            >= 500 => ProviderFailure.Create(ProviderFailure.Unreachable, "Google's token endpoint failed.", Later),
            null or < 400 when code is null => Foreign,
            _ => Refused(refused.Error, code),
        };
    }

    private static Failure Refused(TokenErrorResponse? error, string? code)
    {
        var row = Array.Find(Rows, row => row.Fits(error)) ?? Other;
        return ProviderFailure.Create(ProviderFailure.AuthenticationFailed, row.Detail, row.Hint, code);
    }

    private sealed record Row(string? Error, string? Description, string Detail, string Hint)
    {
        public bool Fits(TokenErrorResponse? error) =>
            error?.Error == Error
            && (Description is null || error?.ErrorDescription?.Contains(Description, StringComparison.OrdinalIgnoreCase) == true);
    }
}
