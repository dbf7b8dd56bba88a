using Microsoft.Extensions.Options;

namespace SecretFunctions.Providers.Http;

/// <summary>Stops the start on wrong settings, all of them at once. Names the setting and never repeats what it says.</summary>
public sealed class ProviderHttpOptionsValidator : IValidateOptions<ProviderHttpOptions>
{
    public ValidateOptionsResult Validate(string? name, ProviderHttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(ProviderHttpOptions options)
    {
        for (var i = 0; i < options.AllowedHosts.Count; i++)
        {
            if (AllowedHost.Parse(options.AllowedHosts[i]) is null)
            {
                yield return $"{ProviderHttpOptions.Section}:AllowedHosts: entry {i + 1} is neither a host nor host:port "
                    + "(write example.internal, 10.0.0.7:8200 or [fd00::7]:8200, without a scheme or path).";
            }
        }

        foreach (var (name, address) in options.EndpointOverrides)
        {
            if (!ProviderHttpOptions.OverrideNames.Contains(name))
            {
                yield return $"{ProviderHttpOptions.Section}:EndpointOverrides has a name that is not known; "
                    + $"known are {string.Join(", ", ProviderHttpOptions.OverrideNames)}.";
            }
            else if (!IsBaseAddress(address))
            {
                yield return $"{ProviderHttpOptions.Section}:EndpointOverrides:{name} is not an absolute http or https address "
                    + "without user name, query or fragment.";
            }
        }

        if (options.TrustedRootsFile is { } file && TrustedRoots.Load(file).Problem is { } problem)
        {
            yield return $"{ProviderHttpOptions.Section}:TrustedRootsFile {problem}";
        }
    }

    private static bool IsBaseAddress(Uri? address) =>
        address is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "", Host: not "" }
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
}
