namespace SecretFunctions.Providers.Http;

/// <summary>Where server-side requests may go (settings <c>SecretFunctions:Providers:*</c>).</summary>
public sealed class ProviderHttpOptions
{
    public const string Section = "SecretFunctions:Providers";

    /// <summary>The names <see cref="EndpointOverrides"/> knows.</summary>
    public static IReadOnlyList<string> OverrideNames { get; } =
    [
        "aws-sts", "aws-secretsmanager", "google-oauth2", "google-sts", "google-iamcredentials", "google-secretmanager", "entra",
    ];

    /// <summary>
    /// Exceptions from "https to public addresses only": <c>host</c> or <c>host:port</c>. These may be private or loopback, and on loopback
    /// plain http.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// Base addresses that stand in for a cloud's own (emulators), by one of <see cref="OverrideNames"/>. The operator's
    /// word: their hosts count as allowed.
    /// </summary>
    public IDictionary<string, Uri> EndpointOverrides { get; } = new Dictionary<string, Uri>(StringComparer.Ordinal);

    /// <summary>A PEM file of root certificates trusted in addition to the system's, for stores with a private certificate authority.</summary>
    public string? TrustedRootsFile { get; set; }
}
