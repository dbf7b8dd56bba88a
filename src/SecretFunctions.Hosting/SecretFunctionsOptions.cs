using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;
using SecretFunctions.Providers.Http;
using SecretFunctions.Storage;

namespace SecretFunctions.Hosting;

/// <summary>Settings <c>SecretFunctions:*</c> that are not one part's own (environment: <c>SecretFunctions__*</c>).</summary>
public sealed class SecretFunctionsOptions
{
    public const string Section = "SecretFunctions";

    private const int MaxWindowSeconds = 60;
    private const int MaxDeadlineSeconds = 60;
    private const int MaxIntervalSeconds = 3600;
    private const int MinBootstrapKeyLength = 32;
    private const int MaxBootstrapKeyLength = 512;

    /// <summary>How long an instance trusts what it knows before it looks for changes, in seconds. Default 1; 0 looks at every request; at most 60.</summary>
    public double ConsistencyWindowSeconds { get; set; } = 1;

    /// <summary>The operator's API key instead of one made at the first start: any string of 32 to 512 characters.</summary>
    public string? BootstrapKey { get; set; }

    /// <summary>What tokens name as their issuer: the public base address of this service.</summary>
    public string? Issuer { get; set; }

    public TokenSettings Tokens { get; set; } = new();

    public SigningKeySettings SigningKeys { get; set; } = new();

    public RootOptions Root { get; set; } = new();

    public VaultSettings Vault { get; set; } = new();

    public ResolveSettings Resolve { get; set; } = new();

    public ProviderSettings Providers { get; set; } = new();

    public MaintenanceSettings Maintenance { get; set; } = new();

    public EventSettings Events { get; set; } = new();

    public AuditSettings Audit { get; set; } = new();

    public LimitSettings Limits { get; set; } = new();

    /// <summary>Everything that is wrong, a sentence each; never a value.</summary>
    public IEnumerable<string> Validate()
    {
        if (ConsistencyWindowSeconds is not (>= 0 and <= MaxWindowSeconds))
        {
            yield return $"{Section}:ConsistencyWindowSeconds must be from 0 to {MaxWindowSeconds}.";
        }

        if (BootstrapKey is { } key && (key.Length is < MinBootstrapKeyLength or > MaxBootstrapKeyLength || key.Any(char.IsWhiteSpace)))
        {
            yield return $"{Section}:BootstrapKey must have {MinBootstrapKeyLength} to {MaxBootstrapKeyLength} characters, none of them white space.";
        }

        if (Vault.VersionsKept is < 1 or > VaultOptions.MaxVersionsKept)
        {
            yield return $"{Section}:Vault:VersionsKept must be from 1 to {VaultOptions.MaxVersionsKept}.";
        }

        if (Resolve.DeadlineSeconds is not (>= 1 and <= MaxDeadlineSeconds))
        {
            yield return $"{Section}:Resolve:DeadlineSeconds must be from 1 to {MaxDeadlineSeconds}.";
        }

        if (Maintenance.IntervalSeconds is < 5 or > MaxIntervalSeconds)
        {
            yield return $"{Section}:Maintenance:IntervalSeconds must be from 5 to {MaxIntervalSeconds}.";
        }

        if (Audit.RetentionDays is < 0 or > AuditOptions.MaxRetentionDays)
        {
            yield return $"{Section}:Audit:RetentionDays must be from 0 to {AuditOptions.MaxRetentionDays}.";
        }

        if (Issuer is not null && IssuerSetting.Check(Issuer) is { } wrong)
        {
            yield return wrong;
        }

        if (Tokens.LifetimeSeconds < IssuerOptions.MinTokenLifetime.TotalSeconds || Tokens.LifetimeSeconds > IssuerOptions.MaxTokenLifetime.TotalSeconds)
        {
            yield return $"{Section}:Tokens:LifetimeSeconds must be from {IssuerOptions.MinTokenLifetime.TotalSeconds} to {IssuerOptions.MaxTokenLifetime.TotalSeconds}.";
        }

        foreach (var problem in Providers.Validate().Concat(Events.Validate()).Concat(Limits.Validate()).Concat(SigningKeys.Validate(Providers)).Concat(Root.Validate(Providers)))
        {
            yield return problem;
        }
    }

    /// <summary>Where the deployment's own keys lie is the operator's word, as an endpoint override is: at a private address too, though no tenant may name it.</summary>
    internal ProviderHttpOptions ToOwnKeyOptions()
    {
        var options = Providers.ToOptions();
        foreach (var address in new[] { Root.KeyVaultKey, SigningKeys.KeyVaultKey })
        {
            if (RootOptions.Parse(address, Providers) is { } key)
            {
                options.AllowedHosts.Add(key.Key.Authority);
            }
        }

        return options;
    }

    internal KeyRotationOptions ToKeyRotationOptions() => new(TimeSpan.FromSeconds(Vault.KeyGraceSeconds), TimeSpan.FromSeconds(ConsistencyWindowSeconds));

    internal IssuerOptions ToIssuerOptions() => new(
        TimeSpan.FromSeconds(Tokens.LifetimeSeconds),
        SigningKeys.Bits,
        TimeSpan.FromDays(SigningKeys.RotationDays),
        TimeSpan.FromHours(SigningKeys.PublishAheadHours));
}

public sealed class VaultSettings
{
    /// <summary>Versions of each value, the current one included: 1 to 10.</summary>
    public int VersionsKept { get; set; } = VaultOptions.MaxVersionsKept;

    /// <summary>A table's client goes on with a write for most of a minute, and the instances are on several machines.</summary>
    internal const int MinKeyGraceSecondsOfTables = 120;

    /// <summary>The embedded database gives up a write after 5 seconds, and whoever uses it has the same clock.</summary>
    internal const int MinKeyGraceSecondsOfSqlite = 10;

    internal const int MaxKeyGraceSeconds = 7 * 24 * 3600;

    /// <summary>
    /// How long a key that was rotated away from is kept at the least, in seconds: 120 to 604800, from 10 on in the embedded database; default 900.
    /// Longer than any request takes, and than the instances' clocks differ.
    /// </summary>
    public int KeyGraceSeconds { get; set; } = (int)KeyRotationOptions.DefaultGrace.TotalSeconds;

    internal IEnumerable<string> Validate(StorageOptions storage)
    {
        var least = storage.IsTables ? MinKeyGraceSecondsOfTables : MinKeyGraceSecondsOfSqlite;
        if (KeyGraceSeconds < least || KeyGraceSeconds > MaxKeyGraceSeconds)
        {
            yield return $"{SecretFunctionsOptions.Section}:Vault:KeyGraceSeconds must be from {least} to {MaxKeyGraceSeconds} where {SecretFunctionsOptions.Section}:Store is '{(storage.IsTables ? "tables" : "sqlite")}'.";
        }
    }
}

public sealed class ResolveSettings
{
    /// <summary>For all reads from external stores in one resolve together, in seconds: 1 to 60, default 10.</summary>
    public double DeadlineSeconds { get; set; } = 10;
}

public sealed class AuditSettings
{
    /// <summary>Events that are older are removed: 1 to 36500 days. 0, the default, keeps all.</summary>
    public int RetentionDays { get; set; }
}

public sealed class MaintenanceSettings
{
    /// <summary>Between two rounds of the timer, in seconds: 5 to 3600, default 60.</summary>
    public int IntervalSeconds { get; set; } = 60;
}
