using SecretFunctions.Providers.Http;

namespace SecretFunctions.Hosting;

/// <summary>Where server-side requests may go: <c>SecretFunctions:Providers:*</c>.</summary>
public sealed class ProviderSettings
{
    /// <summary>Comma-separated <c>host</c> or <c>host:port</c> that may be private or loopback, and on loopback plain http.</summary>
    public string? AllowedHosts { get; set; }

    /// <summary>By name, an address that stands in for a cloud's own.</summary>
    public Dictionary<string, string> EndpointOverrides { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A PEM file of root certificates to trust beside the system's.</summary>
    public string? TrustedRootsFile { get; set; }

    /// <summary>
    /// Whether admins of every organization may write credentials that use the service's own identity (<c>ambient</c>). Default false: only the
    /// deployment's operator may.
    /// </summary>
    public bool AllowAmbient { get; set; }

    /// <summary>Everything that is wrong, a sentence each; never a value.</summary>
    internal IEnumerable<string> Validate() => new ProviderHttpOptionsValidator().Validate(null, ToOptions()).Failures ?? [];

    internal ProviderHttpOptions ToOptions()
    {
        var options = new ProviderHttpOptions { TrustedRootsFile = TrustedRootsFile };
        foreach (var host in (AllowedHosts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            options.AllowedHosts.Add(host);
        }

        foreach (var (name, address) in EndpointOverrides)
        {
            // What is no address stays one that the validator refuses.
            options.EndpointOverrides[name.ToLowerInvariant()] = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : new Uri("", UriKind.Relative);
        }

        return options;
    }
}
