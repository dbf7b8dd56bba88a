using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Providers.Aws;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Conjur;
using SecretFunctions.Providers.Google;
using SecretFunctions.Providers.HashiCorp;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.OnePassword;

namespace SecretFunctions.Providers;

/// <summary>Every external store there is: a new one adds its line here (docs/providers/README.md).</summary>
public static class ProviderRegistration
{
    public static IReadOnlyList<ISecretProvider> CreateAll(ProviderHttp http, TimeProvider time, ILoggerFactory loggers) =>
    [
        new AwsSecretsManagerProvider(http, time, loggers),
        new AzureKeyVaultProvider(http, time),
        new GoogleSecretManagerProvider(http, time),
        new ConjurProvider(http, time),
        new HashiCorpVaultProvider(http, time),
        new OnePasswordConnectProvider(http, time),
    ];

    /// <summary>Every kind of rotation event there is.</summary>
    public static IReadOnlyList<IRotationSource> CreateRotationSources() => [new EventBridgeSource(), new EventGridSource(), new PubSubSource()];
}
