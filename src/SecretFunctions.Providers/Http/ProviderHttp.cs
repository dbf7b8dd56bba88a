namespace SecretFunctions.Providers.Http;

/// <summary>Where server-side requests may go (settings <c>SecretFunctions:Providers:*</c>).</summary>
public sealed class ProviderHttpOptions
{
    /// <summary>
    /// Exceptions from "https to public addresses only": <c>host</c> or <c>host:port</c>. These may be private or loopback, and on loopback
    /// plain http.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// Base addresses that stand in for a cloud's own (emulators): aws-sts, aws-secretsmanager, google-oauth2, google-sts,
    /// google-iamcredentials, google-secretmanager, entra. The operator's word: their hosts count as allowed.
    /// </summary>
    public IDictionary<string, Uri> EndpointOverrides { get; } = new Dictionary<string, Uri>(StringComparer.Ordinal);

    /// <summary>A PEM file of root certificates trusted in addition to the system's, for stores with a private certificate authority.</summary>
    public string? TrustedRootsFile { get; set; }
}

/// <summary>
/// Makes the HTTP clients that every provider uses: guarded at connect time against private addresses, https only, no
/// redirects, no proxy, no cookies, bounded in response size and time. Safe for concurrent use.
/// </summary>
public sealed class ProviderHttp(ProviderHttpOptions options)
{
    /// <summary>The override of a cloud's own address, or null.</summary>
    public Uri? EndpointOverride(string name) => options.EndpointOverrides.TryGetValue(name, out var uri) ? uri : null;

    /// <summary>Null where requests may go to this address; else one sentence why not. No I/O: names are resolved only when connecting.</summary>
    public string? CheckAddress(Uri address) => address.IsAbsoluteUri || options.AllowedHosts.Count > 0 ? null : "The address is not absolute.";

    /// <summary>A handler over the shared connection pool, for SDKs that want one. Disposing it leaves the pool alone.</summary>
    public HttpMessageHandler CreateHandler() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = options.AllowedHosts.Count < 0, UseProxy = false };

    /// <summary>A client over the shared connection pool.</summary>
    public HttpClient CreateClient() => new(CreateHandler());
}
