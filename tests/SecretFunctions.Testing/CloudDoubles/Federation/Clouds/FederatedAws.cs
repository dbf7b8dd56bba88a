using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Aws;

namespace SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

/// <summary>An identity provider, and a role whose trust policy names subjects.</summary>
internal sealed class FederatedAws(TimeProvider clock) : FederatedCloud
{
    private const string RoleName = "secretfunctions";
    private const string Audience = "sts.amazonaws.com";

    private readonly AwsDouble _aws = new(clock);
    private AwsDoubleRole? _role;

    public override CloudDouble Exchange => _aws;

    public override CloudDouble Store => _aws;

    public override FederatedTokens Tokens => _aws.Tokens;

    public override IReadOnlyList<string> Subjects => [.. _aws.Identities.WebSessions.Select(static session => session.Subject!)];

    public override IReadOnlyList<string> Issued => _aws.Identities.Canaries;

    public override IReadOnlyList<(string Name, string Value)> Settings =>
    [
        ("Providers:EndpointOverrides:aws-sts", $"{_aws.Address}"), ("Providers:EndpointOverrides:aws-secretsmanager", $"{_aws.Address}"),
    ];

    public override JsonObject Configuration => new() { ["cloud"] = "aws", ["roleArn"] = $"arn:aws:iam::{AwsDoubleIdentities.Account}:role/{RoleName}" };

    protected override JsonObject Credential => new() { ["provider"] = "aws-secrets-manager", ["region"] = _aws.Region };

    public override void Trust(string issuer, params IReadOnlyList<string> subjects)
    {
        _aws.Identities.SetIdentityProvider(issuer, Audience);
        _role = _aws.Identities.AddRole(RoleName, new AwsDoubleWebTrust(issuer, subjects, Audience));
    }

    public override string Put(string name, string value)
    {
        _aws.Secrets.Put(name, value);
        return name;
    }

    public override void DenyReads(string subject) => _role!.PermissionsOf(subject).Deny("secretsmanager:GetSecretValue");
}
