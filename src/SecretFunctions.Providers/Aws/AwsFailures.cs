using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Aws;

/// <summary>
/// What AWS's error codes mean. Secrets Manager puts denied, missing and throttled alike on status 400, so the code decides; the
/// status only where there is no code we know.
/// </summary>
internal static class AwsFailures
{
    /// <summary>The same session may be replaced and the request repeated.</summary>
    public static bool IsExpiredSession(Failure failure) =>
        failure.ProviderCode is "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired";

    /// <param name="error">What AWS said.</param>
    /// <param name="call">What we wanted.</param>
    /// <param name="endpoint">Whom we asked.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="retryAfter">What the answer asked for.</param>
    public static Failure Of(AwsError error, AwsCall call, AwsEndpoint endpoint, int status, TimeSpan? retryAfter)
    {
        foreach (var row in AwsFailureTable.Rows)
        {
            if (row.Codes.Contains(error.Code)
                && (row.Operation is null || row.Operation == call.Operation)
                && error.Message.Contains(row.MessageContains, StringComparison.OrdinalIgnoreCase))
            {
                return Create(row.Failure, row.Detail, row.Hint, error.Code, call, endpoint) with { RetryAfter = retryAfter };
            }
        }

        if (error.Code is null && status is < 500 and not 429)
        {
            return NotAws(call, endpoint);
        }

        var (code, detail, hint) = status switch
        {
            429 => (ProviderFailure.Throttled, AwsFailureTable.ThrottledDetail, AwsFailureTable.ThrottledHint),
            >= 500 => (ProviderFailure.Unreachable, AwsFailureTable.BrokenDetail, AwsFailureTable.BrokenHint),
            _ => (
                ProviderFailure.InvalidRequest,
                "AWS refused to {doing} in {region}, with a code that is not known here.",
                "Look up the provider code in the AWS documentation; check the secret's name and the region."),
        };
        return Create(code, detail, hint, error.Code, call, endpoint) with { RetryAfter = retryAfter };
    }

    /// <summary>Whoever answered does not speak as AWS does.</summary>
    public static Failure NotAws(AwsCall call, AwsEndpoint endpoint) => Create(
        ProviderFailure.Unreachable,
        "What answered the request to {doing} in {region} is not what AWS answers.",
        "Something between changes the traffic (a proxy, a captive portal), or the endpoint override points elsewhere.",
        providerCode: null, call, endpoint);

    private static Failure Create(string code, string detail, string hint, string? providerCode, AwsCall call, AwsEndpoint endpoint) =>
        ProviderFailure.Create(code, Fill(detail, call, endpoint), Fill(hint, call, endpoint), providerCode);

    private static string Fill(string text, AwsCall call, AwsEndpoint endpoint) => text
        .Replace("{action}", $"{endpoint.Service}:{call.Operation}", StringComparison.Ordinal)
        .Replace("{region}", endpoint.Region, StringComparison.Ordinal)
        .Replace("{doing}", call.Doing, StringComparison.Ordinal); // last: it holds a name that others chose
}
