using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Aws;

namespace SecretFunctions.EndToEnd.Tests.Stores;

/// <summary>Whatever the service runs as in AWS, found by the vendor's own chain.</summary>
public sealed class AwsIdentityTests() : AmbientTest("aws-secrets-manager")
{
    private const string Audience = "sts.amazonaws.com";

    private protected override (string Name, string? Value)[] Nothing =>
    [
        ("AWS_SHARED_CREDENTIALS_FILE", Folder.File("none")), ("AWS_CONFIG_FILE", Folder.File("none")), ("AWS_EC2_METADATA_DISABLED", "true"),
    ];

    [Fact]
    public Task Keys_in_the_environment() => ShouldReadAsync(
        "iam::123456789012:user/reader", ("AWS_ACCESS_KEY_ID", Stores.AwsKey.AccessKeyId), ("AWS_SECRET_ACCESS_KEY", Stores.AwsKey.SecretAccessKey));

    [Fact]
    public async Task A_profile_that_assumes_a_role()
    {
        Stores.Aws.Identities.AddRole("secrets", Stores.AwsKey);
        var file = await WriteAsync(
            "credentials",
            $"""
            [reader]
            aws_access_key_id = {Stores.AwsKey.AccessKeyId}
            aws_secret_access_key = {Stores.AwsKey.SecretAccessKey}

            [secrets]
            role_arn = arn:aws:iam::123456789012:role/secrets
            source_profile = reader
            role_session_name = profile

            """);

        await ShouldReadAsync("sts::123456789012:assumed-role/secrets/profile", [.. ByTokenService(), ("AWS_SHARED_CREDENTIALS_FILE", file), ("AWS_PROFILE", "secrets")]);
    }

    [Fact]
    public async Task The_role_of_a_pod_by_its_service_account() =>
        await ShouldReadAsync("sts::123456789012:assumed-role/pod/replica-1", await PodAsync(PodSubject));

    [Fact]
    public async Task A_pod_that_the_role_does_not_trust()
    {
        await using var server = await StartAsync(await PodAsync(StrangerSubject));

        await ShouldBeRefusedAsync(server);
        Stores.Aws.Requests.ShouldContain("refused AccessDenied");
    }

    [Fact]
    public async Task The_role_of_a_container_by_the_agent_beside_it()
    {
        await using var metadata = await MetadataAsync();
        var token = await WriteAsync("token", AwsMetadataDouble.ContainerToken);

        await ShouldReadAsync(
            "sts::123456789012:assumed-role/secretfunctions/session",
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", metadata.ContainerAddress),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token));
    }

    [Fact]
    public async Task The_role_of_an_instance_by_its_metadata_service()
    {
        await using var metadata = await MetadataAsync();

        await ShouldReadAsync(
            "sts::123456789012:assumed-role/secretfunctions/session",
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", $"http://{metadata.Address.Authority}"),
            ("AWS_EC2_METADATA_DISABLED", "false"));
    }

    [Fact]
    public async Task None_at_all()
    {
        await using var server = await StartAsync();

        await ShouldBeRefusedAsync(server);
    }

    private async Task<AwsMetadataDouble> MetadataAsync()
    {
        var session = Stores.Aws.Identities.AddSession(
            "arn:aws:sts::123456789012:assumed-role/secretfunctions/session", TimeSpan.FromHours(1), new AwsPermissions());
        var metadata = new AwsMetadataDouble(session);
        await metadata.StartAsync();
        return metadata;
    }

    /// <summary>What EKS puts into a pod's environment, for a role that trusts one service account of the cluster.</summary>
    private async Task<(string Name, string? Value)[]> PodAsync(string subject)
    {
        Stores.Aws.Identities.SetIdentityProvider(ClusterIssuer, Audience);
        Stores.Aws.Identities.AddRole("pod", new AwsDoubleWebTrust(ClusterIssuer, [PodSubject], Audience));
        return
        [
            .. ByTokenService(),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod"),
            ("AWS_ROLE_SESSION_NAME", "replica-1"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", await WriteTokenAsync(subject, Audience)),
        ];
    }

    private (string Name, string? Value)[] ByTokenService() =>
        [("AWS_REGION", Stores.Aws.Region), ("AWS_ENDPOINT_URL_STS", $"{Stores.Aws.Address}"), ("SSL_CERT_FILE", TestCertificates.RootFile)];

    private async Task ShouldReadAsync(string identity, params (string Name, string? Value)[] environment)
    {
        await using var server = await StartAsync(environment);

        await ShouldReadAsync(server, $"arn:aws:{identity}");
    }
}
