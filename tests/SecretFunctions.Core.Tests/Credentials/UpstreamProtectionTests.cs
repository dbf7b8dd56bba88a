using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Credentials;

public sealed class UpstreamProtectionTests : IDisposable
{
    private static readonly Failure Down = ProviderFailure.Create(ProviderFailure.Unreachable, "Down.", "Wait.");
    private static readonly Failure Busy = ProviderFailure.Create(ProviderFailure.Throttled, "Busy.", "Wait.");

    private readonly TestClock _clock = new() { SkipsPausesUpTo = TimeSpan.FromSeconds(5) };
    private readonly UpstreamProtection _protection;
    private int _calls;

    public UpstreamProtectionTests() => _protection = new UpstreamProtection("fake", "main", _clock);

    public void Dispose() => _protection.Dispose();

    [Fact]
    public async Task What_may_pass_is_tried_three_times_with_pauses_that_grow()
    {
        (await CallAsync(Down)).ShouldFail(ProviderFailure.Unreachable);

        _calls.ShouldBe(3);
        _clock.SkippedPauses.Count.ShouldBe(2);
        _clock.SkippedPauses.ShouldAllBe(static pause => pause < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task What_will_not_pass_is_tried_once()
    {
        (await CallAsync(ProviderFailure.Create(ProviderFailure.PermissionDenied, "No.", "Ask."))).ShouldFail(ProviderFailure.PermissionDenied);

        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task The_pause_is_what_the_store_asks_for()
    {
        (await CallAsync(Busy with { RetryAfter = TimeSpan.FromSeconds(3) }, succeedsAfter: 1)).ShouldSucceed();

        _clock.SkippedPauses.ShouldBe([TimeSpan.FromSeconds(3)]);
    }

    [Fact]
    public async Task A_store_that_asks_for_a_longer_pause_than_a_kickoff_has_is_taken_at_its_word()
    {
        (await CallAsync(Busy with { RetryAfter = TimeSpan.FromSeconds(30) })).ShouldFail(ProviderFailure.Throttled);

        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task A_store_that_fails_again_and_again_is_left_alone_for_a_while_and_then_tried()
    {
        for (var i = 0; i < 4; i++)
        {
            await CallAsync(Down);
        }

        var before = _calls;
        (await CallAsync(Down)).ShouldFail(ProviderFailure.Unreachable).Detail.ShouldContain("left alone");
        _calls.ShouldBe(before);

        _clock.Advance(TimeSpan.FromSeconds(5));

        (await CallAsync(null)).ShouldSucceed();
        (await CallAsync(null)).ShouldSucceed();
        _calls.ShouldBe(before + 2);
    }

    [Fact]
    public async Task A_store_that_never_answers_counts_as_one_that_fails()
    {
        for (var i = 0; i < 10; i++)
        {
            await Should.ThrowAsync<OperationCanceledException>(() => _protection.RunAsync<SecretPayload>(
                "read", 1, static _ => throw new OperationCanceledException(), CancellationToken.None));
        }

        (await CallAsync(null)).ShouldFail(ProviderFailure.Unreachable);
    }

    [Fact]
    public async Task Throttling_does_not_open_the_circuit()
    {
        for (var i = 0; i < 10; i++)
        {
            await CallAsync(Busy);
        }

        (await CallAsync(null)).ShouldSucceed();
    }

    [Fact]
    public async Task No_more_than_64_requests_are_under_way_at_once()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Enumerable.Range(0, 100).Select(_ => _protection.RunAsync<SecretPayload>("read", 1, async _ =>
        {
            Interlocked.Increment(ref _calls);
            await gate.Task;
            return [Down with { Code = ProviderFailure.SecretNotFound }];
        }, CancellationToken.None)).ToArray();

        _calls.ShouldBe(64);
        gate.SetResult();
        await Task.WhenAll(reading);

        _calls.ShouldBe(100);
    }

    /// <summary>Success where there is no failure, or after so many calls.</summary>
    private async Task<Result<SecretPayload>> CallAsync(Failure? failure, int succeedsAfter = int.MaxValue)
    {
        var results = await _protection.RunAsync<SecretPayload>(
            "read",
            1,
            _ => Task.FromResult<IReadOnlyList<Result<SecretPayload>>>(
                [failure is not null && _calls++ < succeedsAfter ? failure : new SecretPayload(new SecretValue("v"u8), Count())]),
            CancellationToken.None);
        return results[0];

        string Count() => failure is null ? $"{++_calls}" : "1";
    }
}
