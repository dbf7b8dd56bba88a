using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.Conjur;

/// <summary>Every row of the failure table in docs/providers/cyberark-conjur.md.</summary>
public sealed class ConjurFailureTests : IAsyncLifetime
{
    private const string NotFound = """{"error":{"code":"not_found","message":"canary-message"}}""";

    private ConjurFixture _fixture = null!;
    private ISecretStore _store = null!;

    public async Task InitializeAsync()
    {
        _fixture = await ConjurFixture.StartAsync(new TestClock());
        _store = _fixture.Provider.Open(_fixture.Connect());
        _fixture.Put("db", "canary-value");
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData(401, "", ProviderFailure.AuthenticationFailed, "host/", "HTTP 401")]
    [InlineData(403, "", ProviderFailure.AuthenticationFailed, "restricted_to", "HTTP 403")]
    [InlineData(404, NotFound, ProviderFailure.InvalidRequest, "/api", "not_found")]
    [InlineData(404, "<html>canary</html>", ProviderFailure.InvalidRequest, "/api", "HTTP 404")]
    [InlineData(429, "", ProviderFailure.Throttled, "cacheTtlSeconds", "HTTP 429")]
    [InlineData(503, "", ProviderFailure.Unreachable, "in trouble", "HTTP 503")]
    [InlineData(200, "canary not json", ProviderFailure.InvalidRequest, "check the address", null)]
    [InlineData(200, """{"canary":1}""", ProviderFailure.InvalidRequest, "check the address", null)]
    public async Task A_refused_login_says_why(int status, string body, string code, string hint, string? providerCode)
    {
        _fixture.Double.Faults.AnswerNext(status, body);

        Expect((await _store.AuthenticateAsync(CancellationToken.None)).Failure, code, hint).ProviderCode.ShouldBe(providerCode);
    }

    [Theory]
    [InlineData(403, "", ProviderFailure.PermissionDenied, "execute")]
    [InlineData(404, NotFound, ProviderFailure.VersionNotFound, "20")]
    [InlineData(422, """{"error":{"code":"argument_error","message":"canary"}}""", ProviderFailure.InvalidRequest, "whole numbers")]
    [InlineData(429, "", ProviderFailure.Throttled, "cacheTtlSeconds")]
    [InlineData(502, "", ProviderFailure.Unreachable, "in trouble")]
    public async Task A_refused_read_of_a_version_says_why(int status, string body, string code, string hint)
    {
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.Faults.AnswerNext(status, body);

        Expect((await _store.ReadAsync(new("db", "1"), CancellationToken.None)).Failure, code, hint);
    }

    [Theory]
    [InlineData(403, "", ProviderFailure.PermissionDenied, "read")]
    [InlineData(404, NotFound, ProviderFailure.SecretNotFound, "grant read")]
    [InlineData(422, "", ProviderFailure.InvalidRequest, "account:variable:")]
    [InlineData(500, "", ProviderFailure.Unreachable, "in trouble")]
    [InlineData(200, "[]", ProviderFailure.InvalidRequest, "check the address")]
    public async Task Refused_metadata_says_why(int status, string body, string code, string hint)
    {
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.Faults.AnswerNext(status, body);

        Expect((await ((IVersionReader)_store).GetVersionAsync(new("db", null), CancellationToken.None)).Failure, code, hint);
    }

    [Theory]
    [InlineData(403, ProviderFailure.PermissionDenied, "autocomplete")]
    [InlineData(422, ProviderFailure.InvalidRequest, "API_RESOURCE_LIST_LIMIT_MAX")]
    public async Task A_refused_listing_says_why(int status, string code, string hint)
    {
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.Faults.AnswerNext(status, "");

        Expect((await ((ISecretLister)_store).ListAsync("", 10, CancellationToken.None)).Failure, code, hint);
    }

    [Theory]
    [InlineData(403, ProviderFailure.PermissionDenied, "at least one")]
    [InlineData(404, ProviderFailure.SecretNotFound, "At least one")]
    [InlineData(406, ProviderFailure.NotText, "Accept-Encoding")]
    [InlineData(422, ProviderFailure.InvalidRequest, "account:variable:")]
    public async Task A_refused_batch_says_why(int status, string code, string hint)
    {
        await _store.AuthenticateAsync(CancellationToken.None);
        RefuseNextAt("/secrets", status);
        var results = await ((IBatchReader)_store).ReadBatchAsync([new("db", null)], CancellationToken.None);

        Expect(results.ShouldHaveSingleItem().Failure, code, hint);
    }

    [Fact]
    public async Task A_refused_current_read_says_why()
    {
        _fixture.DenyReads();

        Expect((await _store.ReadAsync(new("db", null), CancellationToken.None)).Failure, ProviderFailure.PermissionDenied, "execute");
    }

    [Fact]
    public async Task A_variable_without_a_value_names_all_three_causes()
    {
        _fixture.Conjur.Declare("empty");

        Expect((await _store.ReadAsync(new("empty", null), CancellationToken.None)).Failure, ProviderFailure.SecretNotFound, "no value was ever stored");
        Expect((await ((IVersionReader)_store).GetVersionAsync(new("empty", null), CancellationToken.None)).Failure, ProviderFailure.SecretNotFound, "conjur variable set");
    }

    [Fact]
    public async Task A_token_refused_twice_is_an_authentication_failure()
    {
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.Faults.AnswerNext(401, "");
        _fixture.Double.Faults.AnswerNext(200, """{"protected":"a","payload":"canary","signature":"c"}""");

        Expect((await _store.ReadAsync(new("db", "1"), CancellationToken.None)).Failure, ProviderFailure.AuthenticationFailed, "clocks");
    }

    private void RefuseNextAt(string path, int status) => _fixture.Double.Faults.NextAt(path, context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    private static Failure Expect(Failure? failure, string code, string hint)
    {
        failure.ShouldNotBeNull();
        failure.Code.ShouldBe(code, failure.ToString());
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("canary");
        return failure;
    }
}
