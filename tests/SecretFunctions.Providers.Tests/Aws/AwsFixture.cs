using System.Text;
using Amazon.Runtime;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Aws;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>A double, a user in it, and a provider that points at it.</summary>
internal sealed class AwsFixture : SecretProviderFixture
{
    private readonly ProviderHttp _http;
    private readonly List<IDisposable> _owned = [];

    private AwsFixture(AwsDouble aws, ILoggerFactory logs, TestClock clock, Func<Task<AWSCredentials>>? ambient)
    {
        Aws = aws;
        User = aws.Identities.AddUser("app");
        _http = new ProviderHttp(new ProviderHttpOptions
        {
            EndpointOverrides = { ["aws-sts"] = aws.Address, ["aws-secretsmanager"] = aws.Address },
            TrustedRootsFile = TestCertificates.RootFile,
        });
        Provider = new AwsSecretsManagerProvider(
            _http, clock, logs, ambient ?? (static () => throw new AmazonClientException("Searched /home/app/.aws and found nothing.")));
    }

    public AwsDouble Aws { get; }

    public AwsDoubleKey User { get; }

    public override CloudDouble Double => Aws;

    public override ISecretProvider Provider { get; }

    public override IReadOnlyList<string> Canaries => Aws.Identities.Canaries;

    public override string? MissingVersion => "00000000-0000-4000-8000-000000000000";

    public override string? Identity => User.Arn;

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.AuthenticationFailed] = "InvalidSignatureException",
        [ProviderFailure.SecretNotFound] = "ResourceNotFoundException",
        [ProviderFailure.VersionNotFound] = "ResourceNotFoundException",
        [ProviderFailure.PermissionDenied] = "AccessDeniedException",
        [ProviderFailure.Throttled] = "ThrottlingException",
    };

    public override string? LoginRefusedCode => "SignatureDoesNotMatch"; // the token service speaks another protocol

    public static async Task<AwsFixture> StartAsync(ILoggerFactory logs, TestClock clock, Func<Task<AWSCredentials>>? ambient = null)
    {
        var aws = new AwsDouble(clock);
        await aws.StartAsync();
        return new AwsFixture(aws, logs, clock, ambient);
    }

    public override ProviderConnection Connect(bool authentic = true) =>
        ConnectFields(("accessKeyId", User.AccessKeyId), ("secretAccessKey", authentic ? User.SecretAccessKey : new string('w', 40)));

    public ProviderConnection ConnectFields(params (string Name, string Value)[] fields)
    {
        var auth = new ProviderAuth.Static(fields.ToDictionary(
            static field => field.Name, static field => new SecretValue(Encoding.UTF8.GetBytes(field.Value))));
        _owned.Add(auth);
        return Connect(auth);
    }

    public ProviderConnection Connect(ProviderAuth auth) =>
        new("aws-test", new Dictionary<string, string> { ["region"] = Aws.Region }, auth);

    public ProviderConnection ConnectWith(AwsDoubleKey key, AwsDoubleRole? role = null, string? externalId = null)
    {
        var fields = new List<(string, string)> { ("accessKeyId", key.AccessKeyId), ("secretAccessKey", key.SecretAccessKey) };
        fields.AddRange(new[] { ("sessionToken", key.SessionToken), ("roleArn", role?.Arn), ("externalId", externalId) }
            .Where(static field => field.Item2 is not null).Select(static field => (field.Item1, field.Item2!)));
        return ConnectFields([.. fields]);
    }

    public override void Put(string name, string value) => Aws.Secrets.Put(name, value);

    public override void DenyReads() => User.Permissions.Deny("secretsmanager:GetSecretValue");

    public override void DenyLists() => User.Permissions.Deny("secretsmanager:ListSecrets");

    public override void ThrottleNext(TimeSpan retryAfter) => Aws.ThrottleNext(retryAfter);

    public override async ValueTask DisposeAsync()
    {
        _owned.ForEach(static owned => owned.Dispose());
        _http.Dispose();
        await base.DisposeAsync();
    }
}
