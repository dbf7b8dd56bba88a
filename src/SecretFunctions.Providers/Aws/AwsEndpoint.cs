using System.Text.RegularExpressions;
using Amazon;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>One service in one region.</summary>
/// <param name="Service">As signatures name it.</param>
/// <param name="Region">As signatures name it.</param>
/// <param name="Address">Where requests go.</param>
internal sealed partial record AwsEndpoint(string Service, string Region, Uri Address)
{
    /// <summary>Enough to make a host name of: what regions there are is AWS's to say.</summary>
    public static bool IsRegion(string text) => RegionPattern().IsMatch(text);

    /// <summary>The partition a region belongs to, as ARNs name it: <c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c>.</summary>
    public static string PartitionOf(string region) => RegionEndpoint.GetBySystemName(region).PartitionName;

    public static AwsEndpoint SecretsManager(string region, ProviderHttp http) =>
        new("secretsmanager", region, http.EndpointOverride("aws-secretsmanager") ?? Of("secretsmanager", region));

    /// <summary>Regional even for us-east-1: the global host is one region's, and an outage of that one need not be ours.</summary>
    public static AwsEndpoint Sts(string region, ProviderHttp http) =>
        new("sts", region, http.EndpointOverride("aws-sts") ?? Of("sts", region));

    private static Uri Of(string service, string region) =>
        new($"https://{service}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}/");

    [GeneratedRegex(@"^[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RegionPattern();
}
