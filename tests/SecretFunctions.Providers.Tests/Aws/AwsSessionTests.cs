using Amazon.Runtime;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing.CloudDoubles.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

public sealed class AwsSessionTests : AwsTest
{
    private const string ExternalId = "acme-external-1";

    private AwsDoubleRole Role { get; set; } = null!;

    private string Assumption => $"AssumeRole {Role.Arn} as secretfunctions-aws-test";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Role = Aws.Identities.AddRole("reader", Fixture.User, ExternalId);
        Aws.Secrets.Put("openai", "sk-1");
    }

    [Fact]
    public async Task A_role_is_assumed_with_its_external_id_and_reads()
    {
        var store = Assuming();
        (await ReadAsync(store, At("openai"))).ShouldBe("sk-1");
        (await store.AuthenticateAsync(CancellationToken.None)).TryGet(out var identity, out _).ShouldBeTrue();
        identity.ShouldBe("arn:aws:sts::123456789012:assumed-role/reader/secretfunctions-aws-test");
        Aws.Requests.ShouldBe([Assumption, "GetSecretValue openai", "GetCallerIdentity"]);
    }

    [Theory]
    [InlineData("another-id")]
    [InlineData(null)]
    public async Task Another_external_id_is_not_trusted(string? externalId)
    {
        var store = Fixture.Provider.Open(Fixture.ConnectWith(Fixture.User, Role, externalId));
        var failure = await FailAsync(store, At("openai"));
        failure.Code.ShouldBe(ProviderFailure.TrustRejected);
        failure.ProviderCode.ShouldBe("AccessDenied");
        failure.Detail.ShouldContain(Role.Arn);
        (await store.AuthenticateAsync(CancellationToken.None)).Failure!.Code.ShouldBe(ProviderFailure.TrustRejected);
    }

    [Fact]
    public async Task The_roles_own_permissions_count_and_not_the_callers()
    {
        Fixture.User.Permissions.Deny("secretsmanager:GetSecretValue");
        (await ReadAsync(Assuming(), At("openai"))).ShouldBe("sk-1");
        Role.Permissions.Deny("secretsmanager:GetSecretValue");
        (await FailAsync(Assuming(), At("openai"))).Code.ShouldBe(ProviderFailure.PermissionDenied);
    }

    [Fact]
    public async Task Concurrent_reads_share_one_session()
    {
        var store = Assuming();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ReadAsync(store, At("openai"))));
        Aws.Requests.Count(request => request == Assumption).ShouldBe(1);
    }

    [Fact]
    public async Task A_session_is_renewed_shortly_before_it_expires()
    {
        var store = Assuming();
        await ReadAsync(store, At("openai"));
        Clock.Advance(TimeSpan.FromMinutes(54));
        await ReadAsync(store, At("openai"));
        Aws.Requests.Count(request => request == Assumption).ShouldBe(1);

        Clock.Advance(TimeSpan.FromMinutes(2));
        await ReadAsync(store, At("openai"));
        Aws.Requests.Count(request => request == Assumption).ShouldBe(2);
    }

    [Fact]
    public async Task A_session_that_ended_early_is_replaced_within_the_read()
    {
        var store = Assuming();
        await ReadAsync(store, At("openai"));
        Aws.Identities.ExpireSessions();
        Aws.ForgetRequests();

        (await ReadAsync(store, At("openai"))).ShouldBe("sk-1");
        Aws.Requests.ShouldBe(["refused ExpiredTokenException", Assumption, "GetSecretValue openai"]);
    }

    [Fact]
    public async Task A_failed_assumption_is_not_remembered()
    {
        var store = Assuming();
        Aws.RefuseNextSts("Throttling", "Rate exceeded", 400);
        (await FailAsync(store, At("openai"))).Code.ShouldBe(ProviderFailure.Throttled);
        (await ReadAsync(store, At("openai"))).ShouldBe("sk-1");
    }

    [Fact]
    public async Task Who_gives_up_while_a_session_begins_does_not_spoil_it_for_others()
    {
        var store = Assuming();
        var release = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        Aws.Faults.Next(async context =>
        {
            arrived.SetResult();
            await release.Task;
            context.Response.StatusCode = 500;
        });
        using var patience = new CancellationTokenSource();
        var impatient = store.ReadAsync(At("openai"), patience.Token);
        await arrived.Task;
        var patient = store.ReadAsync(At("openai"), CancellationToken.None);
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        patient.IsCompleted.ShouldBeFalse();

        release.SetResult();
        (await patient).Failure!.Code.ShouldBe(ProviderFailure.Unreachable);
    }

    [Fact]
    public async Task Temporary_keys_work_with_their_token_and_fail_without()
    {
        var session = Aws.Identities.AddSession("arn:aws:sts::123456789012:assumed-role/ops/me", TimeSpan.FromHours(1), new AwsPermissions());
        (await ReadAsync(Fixture.Provider.Open(Fixture.ConnectWith(session)), At("openai"))).ShouldBe("sk-1");

        var without = Fixture.Provider.Open(Fixture.ConnectWith(session with { SessionToken = null }));
        (await FailAsync(without, At("openai"))).ProviderCode.ShouldBe("UnrecognizedClientException");

        Clock.Advance(TimeSpan.FromHours(2));
        var failure = await FailAsync(Fixture.Provider.Open(Fixture.ConnectWith(session)), At("openai"));
        failure.Code.ShouldBe(ProviderFailure.AuthenticationFailed);
        failure.Hint!.ShouldContain("Temporary keys");
    }

    [Fact]
    public async Task An_ambient_identity_reads()
    {
        AWSCredentials? credentials = null;
        await using var fixture = await AwsFixture.StartAsync(Logs, Clock, () => Task.FromResult(credentials!));
        fixture.Put("openai", "sk-ambient");
        credentials = new BasicAWSCredentials(fixture.User.AccessKeyId, fixture.User.SecretAccessKey);
        await using var store = fixture.Provider.Open(fixture.Connect(new ProviderAuth.Ambient()));
        (await ReadAsync(store, At("openai"))).ShouldBe("sk-ambient");

        var session = fixture.Aws.Identities.AddSession("arn:aws:sts::123456789012:assumed-role/task/1", TimeSpan.FromHours(1), new AwsPermissions());
        credentials = new SessionAWSCredentials(session.AccessKeyId, session.SecretAccessKey, session.SessionToken);
        (await store.AuthenticateAsync(CancellationToken.None)).TryGet(out var arn, out _).ShouldBeTrue();
        arn.ShouldBe(session.Arn);
    }

    [Fact]
    public async Task No_ambient_identity_is_said_without_the_hosts_details()
    {
        var store = Fixture.Provider.Open(Fixture.Connect(new ProviderAuth.Ambient()));
        var failure = await FailAsync(store, At("openai"));
        failure.Code.ShouldBe(ProviderFailure.AuthenticationFailed);
        failure.ToString().ShouldNotContain("/home/app");
        Aws.Requests.ShouldBeEmpty();
    }

    private ISecretStore Assuming() => Fixture.Provider.Open(Fixture.ConnectWith(Fixture.User, Role, ExternalId));
}
