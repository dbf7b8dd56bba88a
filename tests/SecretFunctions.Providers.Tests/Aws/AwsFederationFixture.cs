using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Aws;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Aws;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>An account whose role trusts an issuer's tokens of one project's automations.</summary>
internal sealed class AwsFederationFixture : FederationFixture
{
    private readonly ProviderHttp _http;

    private AwsFederationFixture(AwsDouble aws, TestIssuer issuer, ILoggerFactory logs)
        : base(issuer)
    {
        Aws = aws;
        aws.Identities.SetIdentityProvider(issuer.Issuer, "sts.amazonaws.com");
        Role = aws.Identities.AddRole("reader", Trust);
        _http = new ProviderHttp(new ProviderHttpOptions
        {
            EndpointOverrides = { ["aws-sts"] = aws.Address, ["aws-secretsmanager"] = aws.Address },
            TrustedRootsFile = TestCertificates.RootFile,
        });
        Provider = new AwsSecretsManagerProvider(_http, issuer.Clock, logs);
    }

    public AwsDouble Aws { get; }

    public AwsDoubleRole Role { get; }

    public AwsDoubleWebTrust Trust => new(Issuer.Issuer, ["org:acme:project:web:environment:prod:automation:bill*", Search], "sts.amazonaws.com");

    public override CloudDouble Double => Aws;

    public override ISecretProvider Provider { get; }

    protected override IReadOnlyList<string> Issued => Aws.Identities.Canaries;

    public override string? MissingVersion => "00000000-0000-4000-8000-000000000000";

    public override string? Identity => "arn:aws:sts::123456789012:assumed-role/reader/billing-6dbec6ca35ce";

    public override IReadOnlyList<string> Subjects => [.. Aws.Identities.WebSessions.Select(static session => session.Subject!)];

    public override TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(55);

    public override IReadOnlyDictionary<string, string> Target => new Dictionary<string, string>
    {
        ["roleArn"] = Role.Arn,
        [FederationTarget.Audience] = "sts.amazonaws.com",
    };

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["region"] = Aws.Region };

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.TrustRejected] = "InvalidIdentityToken",
        [ProviderFailure.SecretNotFound] = "ResourceNotFoundException",
        [ProviderFailure.VersionNotFound] = "ResourceNotFoundException",
        [ProviderFailure.PermissionDenied] = "AccessDeniedException",
        [ProviderFailure.Throttled] = "ThrottlingException",
    };

    public override IReadOnlyDictionary<Forgery, Refusal> Refusals { get; } = new Dictionary<Forgery, Refusal>
    {
        [Forgery.Issuer] = new("InvalidIdentityToken", "create-open-id-connect-provider"),
        [Forgery.Audience] = new("InvalidIdentityToken", "add-client-id-to-open-id-connect-provider"),
        [Forgery.Subject] = new("AccessDenied", "conditions on aud or sub"),
        [Forgery.Unsigned] = new("InvalidIdentityToken", "RS256"),
        [Forgery.PublicKeyAsSecret] = new("InvalidIdentityToken", "RS256"),
        [Forgery.OtherAlgorithm] = new("InvalidIdentityToken", "RS256"),
        [Forgery.Expired] = new("ExpiredTokenException", "clock"),
        [Forgery.NotYetValid] = new("InvalidIdentityToken", "clock"),
        [Forgery.Resigned] = new("InvalidIdentityToken", "signature"),
        [Forgery.KeyUnknown] = new("InvalidIdentityToken", "reachable from the internet"),
    };

    public static async Task<AwsFederationFixture> StartAsync(TestIssuer issuer, ILoggerFactory logs)
    {
        var aws = new AwsDouble(issuer.Clock);
        await aws.StartAsync();
        return new AwsFederationFixture(aws, issuer, logs);
    }

    public override void Put(string name, string value) => Aws.Secrets.Put(name, value);

    public override void EndAccess() => Aws.Identities.ExpireSessions();

    public override void DenyReads(string subject) => Role.PermissionsOf(subject).Deny("secretsmanager:GetSecretValue");

    public override void DenyLists() => Role.Permissions.Deny("secretsmanager:ListSecrets");

    public override void ThrottleNext(TimeSpan retryAfter) => Aws.ThrottleNext(retryAfter);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }
}
