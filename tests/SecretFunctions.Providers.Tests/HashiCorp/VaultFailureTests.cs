using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.HashiCorp;

/// <summary>Every row of the failure table in docs/providers/hashicorp-vault.md.</summary>
public sealed class VaultFailureTests : IAsyncLifetime
{
    private VaultFixture _fixture = null!;
    private ISecretStore _store = null!;

    public async Task InitializeAsync()
    {
        _fixture = await VaultFixture.StartAsync(new TestClock(), appRole: true, kvVersion: 2);
        _store = _fixture.Provider.Open(_fixture.Connect());
        _fixture.Put("db", "canary-value");
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData(400, "invalid role or secret ID", ProviderFailure.AuthenticationFailed, "secret_id_num_uses")]
    [InlineData(400, "invalid role ID", ProviderFailure.AuthenticationFailed, "role-id")]
    [InlineData(400, "invalid secret id", ProviderFailure.AuthenticationFailed, "secret-id")]
    [InlineData(400, "source address \"10.1.2.3\" unauthorized through CIDR restrictions on the secret ID", ProviderFailure.AuthenticationFailed, "secret_id_bound_cidrs")]
    [InlineData(400, "missing role_id", ProviderFailure.AuthenticationFailed, "authMount")]
    [InlineData(403, "permission denied", ProviderFailure.AuthenticationFailed, "authMount")]
    [InlineData(404, "no handler for route \"auth/approle/login\"", ProviderFailure.AuthenticationFailed, "authMount")]
    [InlineData(429, "request path \"auth/approle/login\": rate limit quota exceeded", ProviderFailure.Throttled, "quota")]
    [InlineData(503, "Vault is sealed", ProviderFailure.Unreachable, "sealed")]
    public async Task A_refused_login_says_why(int status, string message, string code, string hint)
    {
        _fixture.Double.Faults.AnswerNext(status, Errors(message));

        Expect((await _store.AuthenticateAsync(CancellationToken.None)).Failure, code, hint);
    }

    [Theory]
    [InlineData(403, "1 error occurred:\\n\\t* permission denied", ProviderFailure.PermissionDenied, "policies lack read")]
    [InlineData(404, "no handler for route \"secret/data/db\"", ProviderFailure.InvalidRequest, "Nothing is mounted there")]
    [InlineData(404, null, ProviderFailure.SecretNotFound, "kvVersion")]
    [InlineData(408, "timed out", ProviderFailure.Timeout, "too long")]
    [InlineData(412, "required index state not present", ProviderFailure.Unreachable, "replica")]
    [InlineData(429, "rate limit quota exceeded", ProviderFailure.Throttled, "quota")]
    [InlineData(472, null, ProviderFailure.Unreachable, "disaster-recovery")]
    [InlineData(473, null, ProviderFailure.Unreachable, "standby")]
    [InlineData(500, "internal error", ProviderFailure.Unreachable, "tried again")]
    [InlineData(501, null, ProviderFailure.Unreachable, "not initialized")]
    [InlineData(502, null, ProviderFailure.Unreachable, "Vault's log")]
    [InlineData(503, "Vault is sealed", ProviderFailure.Unreachable, "sealed")]
    [InlineData(307, null, ProviderFailure.InvalidRequest, "redirects")]
    [InlineData(418, "teapot", ProviderFailure.InvalidRequest, "address")]
    public async Task A_refused_read_says_why(int status, string? message, string code, string hint)
    {
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.Faults.AnswerNext(status, message is null ? """{"errors":[]}""" : Errors(message));

        var failure = Expect((await _store.ReadAsync(new("db", null), CancellationToken.None)).Failure, code, hint);
        failure.Detail.ShouldContain("\"db\"");
        failure.ToString().ShouldNotContain("teapot", Case.Insensitive);
    }

    [Fact]
    public async Task A_deleted_version_is_disabled_and_can_be_undeleted()
    {
        _fixture.Vault.Kv.Delete("db");

        Expect((await _store.ReadAsync(new("db", null), CancellationToken.None)).Failure, ProviderFailure.SecretDisabled, "undelete");
        Expect((await VersionAsync("db")).Failure, ProviderFailure.SecretDisabled, "undelete");
    }

    [Fact]
    public async Task A_destroyed_version_is_disabled_for_good()
    {
        _fixture.Vault.Kv.Destroy("db");

        Expect((await _store.ReadAsync(new("db", "1"), CancellationToken.None)).Failure, ProviderFailure.SecretDisabled, "destroyed");
        Expect((await VersionAsync("db")).Failure, ProviderFailure.SecretDisabled, "destroyed");
    }

    [Fact]
    public async Task A_deletion_that_lies_ahead_changes_nothing_yet()
    {
        _fixture.Vault.Kv.Delete("db", later: TimeSpan.FromDays(1));

        (await _store.ReadAsync(new("db", null), CancellationToken.None)).TryGet(out var payload, out var failure).ShouldBeTrue(failure?.ToString());
        payload!.Dispose();
        (await VersionAsync("db")).TryGet(out var version, out _).ShouldBeTrue();
        version.ShouldBe("1");
    }

    [Fact]
    public async Task Metadata_without_permission_says_what_it_costs()
    {
        _fixture.Vault.DenyMetadata = true;

        Expect((await VersionAsync("db")).Failure, ProviderFailure.PermissionDenied, "metadata");
    }

    [Fact]
    public async Task A_mount_of_version_1_read_as_2_is_explained()
    {
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.Faults.AnswerNext(200, """{"data":{"value":"canary-value"}}""");

        Expect((await _store.ReadAsync(new("db", null), CancellationToken.None)).Failure, ProviderFailure.InvalidRequest, "kvVersion")
            .ToString().ShouldNotContain("canary-value");
    }

    [Fact]
    public async Task An_address_that_is_not_allowed_names_the_setting()
    {
        using var strict = new Providers.Http.ProviderHttp(new());
        var provider = new Providers.HashiCorp.HashiCorpVaultProvider(strict, TimeProvider.System);
        await using var store = provider.Open(_fixture.Connect());

        Expect((await store.AuthenticateAsync(CancellationToken.None)).Failure, ProviderFailure.Unreachable, "Providers:AllowedHosts");
    }

    private static string Errors(string message) => $$"""{"errors":["{{message.Replace("\"", "\\\"", StringComparison.Ordinal)}}"]}""";

    private static Failure Expect(Failure? failure, string code, string hint)
    {
        failure.ShouldNotBeNull();
        failure.Code.ShouldBe(code, failure.ToString());
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("canary");
        return failure;
    }

    private Task<Result<string>> VersionAsync(string name) =>
        ((IVersionReader)_store).GetVersionAsync(new(name, null), CancellationToken.None);
}
