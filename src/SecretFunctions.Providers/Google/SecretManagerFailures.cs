using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>Secret Manager's refusals: by status, then by the reason in the details, then by what only the text says.</summary>
internal static class SecretManagerFailures
{
    private const string EnableApi = "Enable it: gcloud services enable secretmanager.googleapis.com --project PROJECT; and check projectId. It takes a few minutes to apply.";
    private const string Later = "Google reports outages at https://status.cloud.google.com; nothing needs to be changed here.";

    private static readonly Row ApiDisabled = new(403, "SERVICE_DISABLED", null, ProviderFailure.PermissionDenied,
        "The Secret Manager API is not enabled in this project.", EnableApi);

    /// <summary>The first that fits. Null fits anything.</summary>
    private static readonly Row[] Rows =
    [
        new(401, null, null, ProviderFailure.AuthenticationFailed,
            "Secret Manager did not accept the identity's token.",
            "The service account was disabled or deleted, or its key revoked: check it, and write a new key to this credential."),
        ApiDisabled,
        ApiDisabled with { Reason = null, Text = "has not been used in project" },
        new(403, null, "secretmanager.secrets.list", ProviderFailure.PermissionDenied,
            "The identity may not list this project's secrets, or there is no such project.",
            "Reading does not need it. For names to choose from, grant roles/secretmanager.viewer on the project; check projectId."),
        new(403, null, null, ProviderFailure.PermissionDenied,
            "Google refused: the identity may not do this, or there is no such secret or project; it does not say which.",
            "Check the secret's name, projectId and location; then grant roles/secretmanager.secretAccessor on the secret (gcloud secrets add-iam-policy-binding)."),
        new(404, null, "Secret Version [", ProviderFailure.VersionNotFound,
            "There is no such version of this secret.",
            "Check the number or alias: gcloud secrets versions list."),
        new(404, null, null, ProviderFailure.SecretNotFound,
            "There is no such secret, or it has no version yet.",
            "Check the name, projectId and location: regional secrets are found only with their location, the others only without."),
        new(400, null, "DESTROYED state", ProviderFailure.SecretDisabled,
            "The version was destroyed; its value is gone.",
            "Add a new version, or pin one that is enabled: latest is the newest one even when it is destroyed."),
        new(400, null, "DISABLED state", ProviderFailure.SecretDisabled,
            "The version is disabled.",
            "Enable it, add a new version, or pin one that is enabled: latest is the newest one even when it is disabled."),
        new(429, null, null, ProviderFailure.Throttled,
            "Secret Manager is throttling requests of this project.",
            "Raise cacheTtlSeconds, or the project's quota of Secret Manager requests."),
        new(504, null, null, ProviderFailure.Timeout, "Secret Manager took too long.", Later),
    ];

    private static readonly Row Precondition = new(400, null, null, ProviderFailure.SecretDisabled,
        "The secret cannot be used in its present state.",
        "Check its versions and, where it is encrypted with a key of your own, that key: gcloud secrets versions list.");

    private static readonly Row Invalid = new(400, null, null, ProviderFailure.InvalidRequest,
        "Secret Manager does not take this request.",
        "Check the name, the version, projectId and location.");

    private static readonly Row Outage = new(500, null, null, ProviderFailure.Unreachable, "Secret Manager failed to answer.", Later);

    private static readonly Row Foreign = new(0, null, null, ProviderFailure.InvalidRequest,
        "The answer is not one that Secret Manager gives.",
        "Something else answers at this address: check the endpoint override and any proxy in between.");

    /// <summary>What the answer means; <paramref name="subject"/> is what was asked for, as a message may name it.</summary>
    public static Failure From(StoreAnswer answer, string subject)
    {
        var error = Parse(answer.Body.Span);
        var row = Array.Find(Rows, row => row.Fits(answer.Status, error)) ?? Fallback(answer.Status, error);
        return ProviderFailure.Create(row.Code, $"{subject}: {row.Detail}", row.Hint, error?.Reason ?? error?.Status) with
        {
            RetryAfter = answer.RetryAfter,
        };
    }

    /// <summary>A version's description said it, not an error.</summary>
    public static Failure Disabled(string subject, string state)
    {
        var row = Array.Find(Rows, row => row.Text == $"{state} state") ?? Precondition;
        return ProviderFailure.Create(row.Code, $"{subject}: {row.Detail}", row.Hint, state);
    }

    public static Failure Malformed(string subject) => ProviderFailure.Create(
        Foreign.Code, $"{subject}: {Foreign.Detail}", Foreign.Hint);

    public static Failure Corrupt(string subject) => ProviderFailure.Create(
        ProviderFailure.Unreachable,
        $"{subject}: the value does not match its checksum (CRC-32C).",
        "It was damaged on its way here and is read again. Should this last, it was stored so: add a new version.");

    public static Failure NotText(string subject) => ProviderFailure.Create(
        ProviderFailure.NotText,
        $"{subject}: the value is not UTF-8 text.",
        "Environment variables hold text: store the bytes in base64, and decode them in the automation.");

    private static Row Fallback(int status, ErrorStatus? error) => status switch
    {
        400 when error?.Status == "FAILED_PRECONDITION" => Precondition,
        400 => Invalid,
        >= 500 => Outage,
        _ => Foreign,
    };

    private static ErrorStatus? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, SecretManagerJson.Default.ErrorAnswer)?.Error;
        }
        catch (JsonException)
        {
            // Not Google's own form: the status alone has to do.
            return null;
        }
    }

    private sealed record Row(int Status, string? Reason, string? Text, string Code, string Detail, string Hint)
    {
        public bool Fits(int status, ErrorStatus? error) =>
            Status == status
            && (Reason is null || error?.Reason == Reason)
            && (Text is null || error?.Message?.Contains(Text, StringComparison.OrdinalIgnoreCase) == true);
    }
}
