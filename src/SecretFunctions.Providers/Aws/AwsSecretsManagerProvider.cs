using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>AWS Secrets Manager (docs/providers/aws-secrets-manager.md).</summary>
public sealed class AwsSecretsManagerProvider : ISecretProvider
{
    internal const string Cloud = "aws";

    private readonly ProviderHttp _http;
    private readonly TimeProvider _time;
    private readonly ILogger<AwsSecretsManagerProvider> _logger;
    private readonly Func<Task<AWSCredentials>> _ambientChain;

    public AwsSecretsManagerProvider(ProviderHttp http, TimeProvider time, ILoggerFactory loggers)
        : this(http, time, loggers, static () => DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync())
    {
    }

    internal AwsSecretsManagerProvider(ProviderHttp http, TimeProvider time, ILoggerFactory loggers, Func<Task<AWSCredentials>> ambientChain)
    {
        _http = http;
        _time = time;
        _logger = loggers.CreateLogger<AwsSecretsManagerProvider>();
        _ambientChain = ambientChain;
    }

    public string Name => "aws-secrets-manager";

    public IReadOnlyList<ProviderField> Settings { get; } =
    [
        new(Field.Region, "The AWS region the secrets are in, such as eu-west-1.") { Check = AwsNames.CheckRegion },
    ];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } =
    [
        new(AuthScheme.Static,
        [
            new(Field.AccessKeyId, "The access key id of an IAM user (AKIA...), or of a session (ASIA...).") { Check = AwsNames.CheckAccessKeyId },
            new(Field.SecretAccessKey, "The secret access key that belongs to it.") { Check = AwsNames.CheckSecretAccessKey },
            new(Field.SessionToken, "The session token, for temporary keys only.") { Required = false, Check = AwsNames.CheckSessionToken },
            new(Field.RoleArn, "A role to assume with these keys, also in another account.") { Required = false, Check = AwsNames.CheckRole },
            new(Field.ExternalId, "The external id the role's trust policy asks for.") { Required = false, Check = AwsNames.CheckExternalId },
        ]),
        new(AuthScheme.Ambient, []),
        new(AuthScheme.WorkloadIdentity, []),
    ];

    public FederationTarget Federation { get; } = new(
        Cloud,
        [new(Field.RoleArn, "The role to become, whose trust policy names this service as the token's issuer.") { Check = AwsNames.CheckRole }],
        static _ => "sts.amazonaws.com")
    {
        DisplayName = "AWS",
        MaxSubjectLength = WebIdentity.MaxSubject,
        TakesSessionTags = true,
    };

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Auth switch
        {
            ProviderAuth.Static keys => [.. CheckTogether(connection, keys)],
            ProviderAuth.WorkloadIdentity identity when !IsOfPartition(identity.Target[Field.RoleArn], connection) =>
                [Invalid("config", "The configuration's role is of another AWS partition than the region (commercial, China, GovCloud).")],
            _ => [],
        };
    }

    public Failure? ValidateAddress(SecretAddress address)
    {
        var problem = AwsNames.CheckSecret(address.Name) ?? (address.Version is { } version ? AwsNames.CheckVersion(version) : null);
        return problem is null ? null : Failure.Invalid(ProviderFailure.InvalidRequest, problem);
    }

    public ISecretStore Open(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var region = connection.Required(Field.Region);
        var http = _http.CreateClient(connection);
        var sts = new StsClient(new AwsClient(http, AwsEndpoint.Sts(region, _http), _time, _logger));
        var source = SourceOf(connection, sts);
        var secrets = new SecretsManagerClient(new AwsClient(http, AwsEndpoint.SecretsManager(region, _http), _time, _logger), source);
        return new AwsSecretsManagerStore(secrets, sts, source);
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    private IAwsKeySource SourceOf(ProviderConnection connection, StsClient sts)
    {
        switch (connection.Auth)
        {
            case ProviderAuth.Static fields when fields.Has(Field.RoleArn):
                var (own, role, externalId) = (KeysOf(fields), Required(fields, Field.RoleArn), Text(fields, Field.ExternalId));
                var name = AwsNames.SessionName(connection.Credential);
                return new SessionKeySource(token => sts.AssumeRoleAsync(own, role, externalId, name, token), _time);
            case ProviderAuth.Static fields:
                return new StaticKeySource(KeysOf(fields));
            case ProviderAuth.Ambient:
                return new AmbientKeySource(_ambientChain);
            case ProviderAuth.WorkloadIdentity identity:
                return new SessionKeySource(token => WebIdentity.BeginAsync(identity, sts, token), _time, renewsEarly: true);
            default:
                throw new ArgumentException("This way to authenticate is not one of the provider's schemes.", nameof(connection));
        }
    }

    private static IEnumerable<FailureEntry> CheckTogether(ProviderConnection connection, ProviderAuth.Static keys)
    {
        if (keys.Has(Field.ExternalId) && !keys.Has(Field.RoleArn))
        {
            yield return Invalid(Field.ExternalId, "An external id is for assuming a role: give roleArn too.");
        }

        if (keys.Has(Field.AccessKeyId) && keys.Reveal(Field.AccessKeyId).StartsWith("ASIA"u8) && !keys.Has(Field.SessionToken))
        {
            yield return Invalid(Field.SessionToken, "Access keys that begin with ASIA are temporary and need their session token.");
        }

        if (Text(keys, Field.RoleArn) is { } role
            && AwsNames.CheckRole(role) is null
            && !IsOfPartition(role, connection))
        {
            yield return Invalid(Field.RoleArn, "The role is of another AWS partition than the region (commercial, China, GovCloud).");
        }
    }

    private static bool IsOfPartition(string role, ProviderConnection connection) =>
        AwsNames.PartitionOf(role) == AwsEndpoint.PartitionOf(connection.Required(Field.Region));

    private static FailureEntry Invalid(string field, string detail) => new(ProviderFailure.InvalidRequest, detail) { Field = $"auth.{field}" };

    private static AwsKeys KeysOf(ProviderAuth.Static fields) =>
        new(Required(fields, Field.AccessKeyId), Required(fields, Field.SecretAccessKey), Text(fields, Field.SessionToken), expiresAt: null);

    private static string Required(ProviderAuth.Static fields, string name) => Encoding.UTF8.GetString(fields.Reveal(name));

    private static string? Text(ProviderAuth.Static fields, string name) => fields.Has(name) ? Required(fields, name) : null;

    internal static class Field
    {
        public const string Region = "region";
        public const string AccessKeyId = "accessKeyId";
        public const string SecretAccessKey = "secretAccessKey";
        public const string SessionToken = "sessionToken";
        public const string RoleArn = "roleArn";
        public const string ExternalId = "externalId";
    }
}
