using System.Text.RegularExpressions;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Google;

/// <summary>What a configuration says of Google: a workload identity pool's provider, and perhaps a service account to become.</summary>
internal static partial class GoogleFederation
{
    internal const string Cloud = "google";

    public const string ProviderField = "workloadIdentityProvider";
    public const string AccountField = "serviceAccount";

    public static FederationTarget Target { get; } = new(
        Cloud,
        [
            new(ProviderField, "The provider's full name: projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.") { Check = CheckProvider },
            new(AccountField, "The e-mail address of a service account to become; left out where the roles are granted to the pool's principals themselves.")
            {
                Required = false,
                Check = CheckAccount,
            },
        ],
        static target => $"https://iam.googleapis.com/{target[ProviderField]}")
    {
        DisplayName = "Google",
        MaxSubjectLength = 127, // of google.subject
    };

    /// <summary>As IAM names whoever comes with a token of this subject.</summary>
    public static string Principal(string provider, string subject) =>
        $"principal://iam.googleapis.com/{provider[..provider.IndexOf("/providers/", StringComparison.Ordinal)]}/subject/{subject}";

    private static string? CheckProvider(string text) =>
        Provider().IsMatch(text) ? null
        : !text.Contains("/providers/", StringComparison.Ordinal) && text.Contains("/workloadIdentityPools/", StringComparison.Ordinal)
            ? "It is the pool's name: append /providers/ and the provider."
        : WithProjectId().IsMatch(text) ? "It has the project's id; write the project's number in its place."
        : "Write the provider's full name: projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.";

    private static string? CheckAccount(string text) =>
        Account().IsMatch(text) ? null : "Write the service account's e-mail address, which ends in gserviceaccount.com.";

    [GeneratedRegex(@"^projects/[0-9]{1,19}/locations/global/workloadIdentityPools/[a-z0-9-]{4,32}/providers/[a-z0-9-]{4,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Provider();

    [GeneratedRegex(@"^projects/[^/]*[^/0-9][^/]*/locations/global/workloadIdentityPools/", RegexOptions.CultureInvariant)]
    private static partial Regex WithProjectId();

    // It becomes part of a path.
    [GeneratedRegex(@"^[0-9a-zA-Z][0-9a-zA-Z-]{0,62}@(?:[0-9a-z][0-9a-z-]*\.){1,6}gserviceaccount\.com\z", RegexOptions.CultureInvariant)]
    private static partial Regex Account();
}
