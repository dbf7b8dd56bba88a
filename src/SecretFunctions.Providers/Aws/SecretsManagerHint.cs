using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Providers.Aws;

/// <summary>A secret of one account and region changed.</summary>
/// <param name="Region">Null where the event does not say.</param>
/// <param name="Account">Null where the event does not say.</param>
/// <param name="Name">A plain name, or an ARN's last part: the name, a hyphen and six characters, which only AWS can tell from a longer name.</param>
internal sealed record SecretsManagerHint(string? Region, string? Account, string Name) : RotationHint(ProviderName)
{
    public const string ProviderName = "aws-secrets-manager";

    /// <summary>A hyphen and six characters.</summary>
    private const int SuffixLength = 7;

    /// <param name="id">A name or an ARN, as whoever made the change wrote it.</param>
    /// <param name="region">Of the event, for a plain name.</param>
    /// <param name="account">Of the event, for a plain name.</param>
    public static SecretsManagerHint Of(string id, string? region, string? account) =>
        id.Split(':', 7) is ["arn", _, "secretsmanager", var ownRegion, var ownAccount, "secret", var name]
            ? new SecretsManagerHint(ownRegion, ownAccount, name)
            : new SecretsManagerHint(region, account, id);

    public override bool ConcernsStore(IReadOnlyDictionary<string, string> settings) =>
        Region is null || !settings.TryGetValue("region", out var region) || region == Region;

    public override bool ConcernsSecret(SecretAddress address)
    {
        var referred = Of(address.Name, null, null);
        return AgreesWith(referred.Region, Region) && AgreesWith(referred.Account, Account)
            && (referred.Name == Name || IsWithSuffix(referred.Name, Name) || IsWithSuffix(Name, referred.Name));
    }

    private static bool AgreesWith(string? one, string? other) => one is null || other is null || one == other;

    private static bool IsWithSuffix(string full, string name) =>
        full.Length == name.Length + SuffixLength && full[name.Length] == '-' && full.StartsWith(name, StringComparison.Ordinal);
}
