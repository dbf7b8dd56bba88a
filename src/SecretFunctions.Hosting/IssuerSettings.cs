using SecretFunctions.Core.Issuer;
using SecretFunctions.Providers.Azure;

namespace SecretFunctions.Hosting;

/// <summary>Of tokens: <c>SecretFunctions:Tokens:*</c>.</summary>
public sealed class TokenSettings
{
    /// <summary>From one token's making to its end, in seconds: 60 to 3600, default 300.</summary>
    public int LifetimeSeconds { get; set; } = (int)IssuerOptions.Default.TokenLifetime.TotalSeconds;
}

/// <summary>Of the keys that sign tokens: <c>SecretFunctions:SigningKeys:*</c>.</summary>
public sealed class SigningKeySettings
{
    private const string Section = $"{SecretFunctionsOptions.Section}:SigningKeys";
    private const int MaxRotationDays = 3650;

    /// <summary>Of keys made from now on: 2048, 3072 or 4096.</summary>
    public int Bits { get; set; } = IssuerOptions.Default.KeyBits;

    /// <summary>From one key's first signature to the next one's, in days: 1 to 3650, default 90.</summary>
    public int RotationDays { get; set; } = (int)IssuerOptions.Default.RotationInterval.TotalDays;

    /// <summary>How long a key is published before it signs, in hours: 1 to 168, default 24.</summary>
    public double PublishAheadHours { get; set; } = IssuerOptions.Default.PublishAhead.TotalHours;

    /// <summary>A key in Key Vault that signs, instead of keys in the store: its address without a version.</summary>
    public string? KeyVaultKey { get; set; }

    /// <summary>Everything that is wrong, a sentence each; never a value.</summary>
    internal IEnumerable<string> Validate(ProviderSettings providers)
    {
        if (Bits is not (2048 or 3072 or 4096))
        {
            yield return $"{Section}:Bits must be 2048, 3072 or 4096.";
        }

        if (RotationDays is < 1 or > MaxRotationDays)
        {
            yield return $"{Section}:RotationDays must be from 1 to {MaxRotationDays}.";
        }

        var (least, most) = (IssuerOptions.MinPublishAhead.TotalHours, IssuerOptions.MaxPublishAhead.TotalHours);
        if (!(PublishAheadHours >= least && PublishAheadHours <= most))
        {
            yield return $"{Section}:PublishAheadHours must be from {least} to {most}.";
        }
        else if (RotationDays > 0 && PublishAheadHours >= TimeSpan.FromDays(RotationDays).TotalHours)
        {
            yield return $"{Section}:PublishAheadHours must be less than RotationDays: a key would have to be published before the one in use began to sign.";
        }

        if (KeyVaultKey is not null && !KeyVaultSigningKey.IsAddress(KeyVaultKey, providers.ToOptions()))
        {
            yield return $"{Section}:KeyVaultKey must be a key's address without a version, such as https://VAULT.vault.azure.net/keys/NAME.";
        }
    }
}

/// <summary>The setting <c>SecretFunctions:Issuer</c>.</summary>
internal static class IssuerSetting
{
    /// <summary>Null where it can be an issuer; else a sentence. Verifiers compare letters, so that what could be written in two ways is refused.</summary>
    public static string? Check(string issuer)
    {
        const string Name = $"{SecretFunctionsOptions.Section}:Issuer";
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http") || issuer.Any(static letter => letter is <= ' ' or >= '\x7f' or '\\'))
        {
            return $"{Name} must be an absolute https URL, such as https://secrets.example.com.";
        }

        if (address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            return $"{Name} must begin with https: plain http is for loopback addresses alone.";
        }

        if (address.UserInfo.Length > 0 || issuer.AsSpan().ContainsAny('?', '#'))
        {
            return $"{Name} must have no user name, query or fragment.";
        }

        if (issuer.EndsWith('/'))
        {
            return $"{Name} must not end in a slash: clouds compare it letter by letter with what their trust policies say.";
        }

        // As the URI's own normal form has it: upper-case hosts and default ports are other letters for the same place.
        return address.AbsoluteUri.TrimEnd('/') == issuer ? null : $"{Name} must be written in its normal form: a lower-case host, no default port, no '..' in the path.";
    }
}
