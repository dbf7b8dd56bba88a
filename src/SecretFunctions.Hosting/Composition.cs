using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Api;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Health;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Maintenance;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;
using SecretFunctions.Core.WorkloadIdentity;
using SecretFunctions.Core.WorkloadIdentity.Doctor;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;
using SecretFunctions.Providers;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tokens;
using SecretFunctions.Storage;

namespace SecretFunctions.Hosting;

/// <summary>A setting is missing or wrong, or does not fit what is stored. The message is one clear sentence for the operator.</summary>
public sealed class SetupException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>Puts the parts together, the same in every host.</summary>
public static class Composition
{
    /// <summary>Names what reaches the deployment's own keys, apart from what reaches its tenants' stores.</summary>
    private const string OwnKeys = "own-keys";

    /// <exception cref="SetupException">Settings are missing or wrong: all of them are named.</exception>
    public static IServiceCollection AddSecretFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(SecretFunctionsOptions.Section);
        ThrowIfAny(Settings.Check(section, typeof(SecretFunctionsOptions), typeof(StorageOptions)));
        var options = new SecretFunctionsOptions();
        section.Bind(options);
        var storage = new StorageOptions();
        section.Bind(storage);
        ThrowIfAny(options.Validate().Concat(storage.Validate()).Concat(options.Root.Validate(storage)).Concat(options.Vault.Validate(storage)).Concat(OtlpSettings.Check(configuration)));

        services.AddSingleton(options);
        services.AddSingleton(storage);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new VaultOptions(options.Vault.VersionsKept));
        services.AddSingleton(options.ToKeyRotationOptions());
        services.AddSingleton<OrganizationKeyDirectory>();
        services.AddSingleton<OrganizationRewrap>();
        services.AddSingleton(static provider => StorageRegistration.Open(
            provider.GetRequiredService<StorageOptions>(),
            credential: null,
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddKeyedSingleton(OwnKeys, static (provider, _) => new ProviderHttp(provider.GetRequiredService<SecretFunctionsOptions>().ToOwnKeyOptions()));
        services.AddSingleton<IRootKeySource>(OpenRootKey);
        services.AddSingleton<RootKeys>();
        services.AddSingleton<RootWraps>();
        services.AddSingleton<RootKeyDirectory>();
        services.AddSingleton(static provider => new OrganizationViews(
            provider.GetRequiredService<IEntityStore>(),
            provider.GetRequiredService<RootKeys>(),
            provider.GetRequiredService<TimeProvider>(),
            TimeSpan.FromSeconds(provider.GetRequiredService<SecretFunctionsOptions>().ConsistencyWindowSeconds)));
        services.AddSingleton(static provider => new OperatorKeys(
            provider.GetRequiredService<IEntityStore>(),
            provider.GetRequiredService<TimeProvider>(),
            TimeSpan.FromSeconds(provider.GetRequiredService<SecretFunctionsOptions>().ConsistencyWindowSeconds)));
        services.AddSingleton(new ResolveOptions(TimeSpan.FromSeconds(options.Resolve.DeadlineSeconds)));
        services.AddSingleton(static provider => new ProviderHttp(provider.GetRequiredService<SecretFunctionsOptions>().Providers.ToOptions()));
        services.AddSingleton(static provider => new ProviderCatalog(() => ProviderRegistration.CreateAll(
            provider.GetRequiredService<ProviderHttp>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()))
        {
            LendsIdentity = provider.GetRequiredService<SecretFunctionsOptions>().Providers.AllowAmbient,
        });
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ResourceStore>();
        services.AddSingleton<OrganizationDirectory>();
        services.AddSingleton<Deployment>();
        services.AddSingleton<Environments>();
        services.AddSingleton<Projects>();
        services.AddSingleton<AutomationDirectory>();
        services.AddSingleton<Assignments>();
        services.AddSingleton<Snapshots>();
        services.AddSingleton<SealingKeys>();
        services.AddSingleton<VariableDirectory>();
        services.AddSingleton<DotenvImport>();
        services.AddSingleton<Roles>();
        services.AddSingleton<Members>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<TrustedIssuers>();
        services.AddSingleton<TokenAuthenticator>();
        services.AddSingleton<AuthenticationFailures>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton(options.Limits.ToOptions());
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<SubjectLimits>();
        services.AddSingleton<SubjectBinder>();
        services.AddSingleton<SubjectTokens>();
        services.AddSingleton<TokenAudiences>();
        services.AddSingleton<AutomationTokens>();
        services.AddSingleton<WorkloadIdentityDirectory>();
        services.AddSingleton<TrustPolicyPrinter>();
        services.AddSingleton<CredentialDirectory>();
        services.AddSingleton<CredentialSubjects>();
        services.AddSingleton<CredentialTest>();
        services.AddSingleton<ReferenceBinder>();
        services.AddSingleton<OpenStores>();
        services.AddSingleton<CacheStatistics>();
        services.AddSingleton<SecretFetcher>();
        services.AddSingleton<SecretCache>();
        services.AddSingleton<Resolver>();
        services.AddSingleton<RotatedSecrets>();
        services.AddSingleton<RotationHints>();
        services.AddSingleton<ITokenVerifier, JwksTokenVerifier>();
        services.AddSingleton<IIssuerProbe, IssuerProbe>();
        services.AddSingleton<ExchangeWays>();
        services.AddSingleton<FederationDoctor>();
        services.AddSingleton(static provider => provider.GetRequiredService<SecretFunctionsOptions>().Events.ToTrust(provider.GetRequiredService<ProviderHttp>()));
        foreach (var source in ProviderRegistration.CreateRotationSources())
        {
            services.AddSingleton(source);
        }

        services.AddIssuer(options);
        services.AddSingleton<Readiness>();
        services.AddTelemetry(configuration);
        services.HideQueries();
        services.MakeNoKeyRing();

        // What runs here is nobody's business.
        services.Configure<KestrelServerOptions>(static kestrel => kestrel.AddServerHeader = false);
        services.AddSingleton(new MaintenanceOptions(TimeSpan.FromSeconds(options.Maintenance.IntervalSeconds)));
        services.AddSingleton<Bulkhead>();
        services.AddSingleton<MaintenanceLeases>();
        services.AddSingleton<CacheWatch>();
        services.AddSingleton<ExpiryWarnings>();
        services.AddSingleton<ExpiredKeys>();
        services.AddSingleton<AuditReader>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<CheckpointStore>();
        services.AddSingleton<CheckpointMaker>();
        services.AddSingleton(new AuditOptions(options.Audit.RetentionDays));
        services.AddSingleton<Retention>();
        services.AddSingleton<SigningKeyMaintenance>();
        services.AddSingleton<OrganizationMaintenance>();
        services.AddSingleton<MaintenanceRound>();
        services.AddSingleton<BackgroundWork>();
        return services.AddSecretFunctionsApi();
    }

    /// <summary>Opens everything, and makes what a first start needs. Call it before the first request.</summary>
    /// <returns>The operator's key where it was made now, to be shown this once.</returns>
    /// <exception cref="SetupException">The store cannot be opened, or the root key is not the one its data needs.</exception>
    public static async Task<string?> StartSecretFunctionsAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            var options = services.GetRequiredService<SecretFunctionsOptions>();
            return await services.GetRequiredService<Deployment>().StartAsync(options.BootstrapKey, cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            throw new SetupException($"The store ({SecretFunctionsOptions.Section}:Store is '{services.GetRequiredService<StorageOptions>().Store}') cannot be used: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is StoreSetupException or RootKeyException)
        {
            throw new SetupException(exception.Message, exception);
        }
    }

    private static void AddIssuer(this IServiceCollection services, SecretFunctionsOptions options)
    {
        services.AddSingleton(new IssuerAddress(options.Issuer));
        services.AddSingleton(options.ToIssuerOptions());
        services.AddSingleton(static provider => new SigningKeyMaker(
            provider.GetRequiredService<RootKeys>(),
            provider.GetRequiredService<IssuerOptions>(),
            provider.GetRequiredService<SecretFunctionsOptions>().SigningKeys.KeyVaultKey is { } address
                ? new KeyVaultSigningKey(new Uri(address), provider.GetRequiredKeyedService<ProviderHttp>(OwnKeys))
                : null));
        services.AddSingleton<SigningKeyDirectory>();
        services.AddSingleton(static provider => new IssuerKeys(
            provider.GetRequiredService<SigningKeyDirectory>(),
            provider.GetRequiredService<SigningKeyMaker>(),
            provider.GetRequiredService<IssuerOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            TimeSpan.FromSeconds(provider.GetRequiredService<SecretFunctionsOptions>().ConsistencyWindowSeconds),
            provider.GetRequiredService<ILogger<IssuerKeys>>()));
        services.AddSingleton<TokenIssuer>();
    }

    private static IRootKeySource OpenRootKey(IServiceProvider services)
    {
        var options = services.GetRequiredService<SecretFunctionsOptions>();
        if (RootOptions.Parse(options.Root.KeyVaultKey, options.Providers) is { } key)
        {
            var restoredFrom = RootOptions.Parse(options.Root.KeyVaultKeyRestoredFrom, options.Providers);
            return new SingleRootKey(new KeyVaultRootKey(key, restoredFrom, services.GetRequiredKeyedService<ProviderHttp>(OwnKeys)));
        }

        // Only once, while starting, where there is nothing to block.
        var hasData = Deployment.HasDataAsync(services.GetRequiredService<IEntityStore>(), CancellationToken.None).GetAwaiter().GetResult();
        return RootKeyFile.Open(options.Root.File ?? Path.Combine(services.GetRequiredService<StorageOptions>().Data, "root.key"), mayCreate: !hasData);
    }

    private static void ThrowIfAny(IEnumerable<string> problems)
    {
        if (problems.ToArray() is { Length: > 0 } wrong)
        {
            throw new SetupException(string.Join(' ', wrong));
        }
    }
}
