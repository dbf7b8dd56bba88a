using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using Shouldly;
using Xunit;

namespace SecretFunctions.Testing;

/// <summary>What can go wrong at any store, and the one name each of these things has.</summary>
public abstract partial class SecretProviderContract
{
    [Fact]
    public async Task Authentication_succeeds_and_says_who_we_are()
    {
        (await Open().AuthenticateAsync(CancellationToken.None)).TryGet(out var identity, out var failure).ShouldBeTrue(failure?.ToString());
        identity.ShouldBe(Fixture.Identity);
    }

    [Fact]
    public async Task A_wrong_credential_is_refused()
    {
        Fixture.Put("contract-any", Canary());
        var store = Open(authentic: false);

        var login = Harmless((await store.AuthenticateAsync(CancellationToken.None)).Failure);
        login.Code.ShouldBe(Fixture.Refused, login.ToString());
        login.ProviderCode.ShouldBe(Fixture.LoginRefusedCode);
        Answered(await FailAsync(store, At("contract-any")), Fixture.Refused);
    }

    [Fact]
    public async Task A_missing_secret_is_not_found()
    {
        var failure = await FailAsync(Open(), At("contract-missing"));

        Answered(failure, ProviderFailure.SecretNotFound);
        (failure.Detail + failure.Hint).ShouldContain("contract-missing");
    }

    [Fact]
    public async Task A_missing_version_is_not_found()
    {
        if (Fixture.MissingVersion is { } version)
        {
            Fixture.Put("contract-version", Canary());
            Answered(await FailAsync(Open(), At("contract-version", version)), ProviderFailure.VersionNotFound);
        }
    }

    [Fact]
    public async Task A_refused_read_is_permission_denied()
    {
        Fixture.Put("contract-refused", Canary());
        var store = Open();
        Fixture.DenyReads();

        Answered(await FailAsync(store, At("contract-refused")), ProviderFailure.PermissionDenied);
    }

    [Fact]
    public async Task Throttling_tells_how_long_to_wait()
    {
        var store = await OpenAndReadAsync();
        Fixture.ThrottleNext(TimeSpan.FromSeconds(7));

        var failure = await FailAsync(store, At("contract-warm"));
        Answered(failure, ProviderFailure.Throttled);
        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task An_oversized_answer_is_refused_and_not_worth_a_retry()
    {
        var store = await OpenAndReadAsync();
        Fixture.Double.Faults.OversizeNext();

        (await FailAsync(store, At("contract-warm"))).Code.ShouldBe(ProviderFailure.InvalidRequest);
        await ReadTextAsync(store, At("contract-warm"));
    }

    [Fact]
    public async Task A_truncated_answer_is_unreachable()
    {
        var store = await OpenAndReadAsync();
        Fixture.Double.Faults.TruncateNext();

        (await FailAsync(store, At("contract-warm"))).Code.ShouldBe(ProviderFailure.Unreachable);
        await ReadTextAsync(store, At("contract-warm"));
    }

    [Fact]
    public async Task A_cut_connection_is_unreachable_until_the_store_is_back()
    {
        var store = await OpenAndReadAsync();
        Fixture.Double.Faults.Down = true;
        (await FailAsync(store, At("contract-warm"))).Code.ShouldBe(ProviderFailure.Unreachable);

        Fixture.Double.Faults.Down = false;
        await ReadTextAsync(store, At("contract-warm"));
    }

    [Fact]
    public async Task A_store_that_is_down_is_unreachable()
    {
        var store = await OpenAndReadAsync();
        var cold = Open();
        await Fixture.Double.DisposeAsync();

        (await FailAsync(store, At("contract-warm"))).Code.ShouldBe(ProviderFailure.Unreachable);
        (await FailAsync(cold, At("contract-warm"))).Code.ShouldBe(ProviderFailure.Unreachable);
        Harmless((await cold.AuthenticateAsync(CancellationToken.None)).Failure).Code.ShouldBe(ProviderFailure.Unreachable);
    }

    [Fact]
    public async Task An_outage_inside_the_store_is_transient()
    {
        var store = await OpenAndReadAsync();
        Fixture.Double.Faults.AnswerNext(500, "{}");

        (await FailAsync(store, At("contract-warm"))).IsTransient().ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_in_another_form_is_a_failure_and_not_an_exception()
    {
        var store = await OpenAndReadAsync();
        Fixture.Double.Faults.AnswerNext(200, "<html>Sign in to the hotel network</html>", "text/html");
        var result = await store.ReadAsync(At("contract-warm"), CancellationToken.None);

        // A store of raw bytes cannot tell it from a value; every other must.
        if (result.TryGet(out var payload, out var failure))
        {
            payload.Dispose();
        }
        else
        {
            Harmless(failure);
        }
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_let_go_promptly()
    {
        var store = await OpenAndReadAsync();
        await GivesUpAsync(cancellationToken => store.ReadAsync(At("contract-warm"), cancellationToken));
        await ReadTextAsync(store, At("contract-warm"));
    }

    [Fact]
    public async Task A_caller_who_gives_up_on_the_first_read_spoils_nothing()
    {
        Fixture.Put("contract-warm", Canary());
        var store = Open();
        await GivesUpAsync(cancellationToken => store.ReadAsync(At("contract-warm"), cancellationToken));
        await ReadTextAsync(store, At("contract-warm"));
    }

    [Fact]
    public async Task A_caller_who_gave_up_beforehand_gets_no_read()
    {
        var store = await OpenAndReadAsync();
        var cancelled = new CancellationToken(canceled: true);
        var thrown = await Should.ThrowAsync<OperationCanceledException>(store.ReadAsync(At("contract-warm"), cancelled).WaitAsync(Promptly));
        ShouldHoldNoSecret(thrown.ToString());
    }

    private async Task GivesUpAsync<T>(Func<CancellationToken, Task<T>> call)
    {
        using var patience = new CancellationTokenSource();
        var arrived = Fixture.Double.Faults.HangNext();
        var pending = call(patience.Token);
        await Task.WhenAny(arrived, pending).WaitAsync(Promptly);
        arrived.IsCompleted.ShouldBeTrue("The call ended without a request to the double.");
        await patience.CancelAsync();

        var thrown = await Should.ThrowAsync<OperationCanceledException>(pending.WaitAsync(Promptly));
        ShouldHoldNoSecret(thrown.ToString());
    }

    /// <summary>A store that is already let in, so that the next fault meets a read.</summary>
    private async Task<ISecretStore> OpenAndReadAsync()
    {
        Fixture.Put("contract-warm", Canary());
        var store = Open();
        await ReadTextAsync(store, At("contract-warm"));
        return store;
    }

    /// <summary>A failure the store itself answered, so its own code comes along where it has one.</summary>
    private void Answered(Failure failure, string code)
    {
        failure.Code.ShouldBe(code, failure.ToString());
        failure.ProviderCode.ShouldBe(Fixture.ProviderCodes.GetValueOrDefault(code));
    }
}
