using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>What the cloud says: refusals, delays, its clock.</summary>
public sealed class ExchangeCheckTests : DoctorTest
{
    [Fact]
    public async Task A_refusal_says_what_to_paste_and_is_not_repeated()
    {
        await GivenAsync();
        Refuse("E1", 1);

        var report = await ReportAsync(Secret);

        var failure = Failed(report, "exchange", ProviderFailure.TrustRejected).Failure!;
        failure.ProviderCode.ShouldBe("E1");
        failure.Hint.ShouldBe("Compare the subject. What to paste there: GET /v1/workload-identity-configs/main/trust-policy.");
        report.Identity.ShouldBeNull();
        Names(report).ShouldBe(Healthy);
        Provider.Exchanged.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_trust_that_arrives_late_is_waited_for_and_said_to_have_been_late()
    {
        await GivenAsync();
        Refuse("FAKE-SLOW", 2);

        var report = await ReportAsync();

        report.Ok.ShouldBeTrue();
        Step(report, "exchange").Note.ShouldBe(
            $"We became {As("crew")}. It took 5 s: FAKE-SLOW until then, which is fake's propagation delay. A trust that was just written takes some minutes until all of it knows.");
        Pauses.ShouldBe([2, 3]);
        Provider.Exchanged.Select(static claims => claims.GetProperty("jti").GetString()).Distinct().Count().ShouldBe(3);
        report.Token!.Claims.GetProperty("jti").GetString().ShouldBe(Provider.Exchanged.Last().GetProperty("jti").GetString());
    }

    [Fact]
    public async Task One_that_does_not_arrive_is_not_waited_for_without_end()
    {
        await GivenAsync();
        Refuse("FAKE-SLOW", 100);

        var failure = Failed(await ReportAsync(), "exchange", ProviderFailure.TrustRejected).Failure!;

        failure.Detail.ShouldBe("The cloud does not know the token's subject. It was still refused after 25 s.");
        failure.Hint.ShouldNotBeNull().ShouldEndWith("If the trust was written within the last minutes, wait and test again: that is fake's propagation delay.");
        Pauses.Sum().ShouldBe(25);
        Provider.Exchanged.Count.ShouldBe(7);
    }

    [Fact]
    public async Task Whoever_hangs_up_ends_the_waiting()
    {
        await GivenAsync();
        Refuse("FAKE-SLOW", 100);
        Instance.Clock.SkipsPausesUpTo = TimeSpan.Zero;
        using var caller = new CancellationTokenSource();
        var config = (await Instance.Configs.FindAsync(Instance.Owner, "main", None)).ShouldSucceed().Document;

        var running = Instance.Doctor.RunAsync(new(Instance.Owner, await Instance.ViewAsync()), config, new(new("crew", null, "prod"), null, null), caller.Token);
        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [InlineData(-59, null)]
    [InlineData(59, null)]
    [InlineData(-300, "Our clock is 300 s ahead of fake's: it is 2026-01-02 03:04:05Z here and 2026-01-02 02:59:05Z there.")]
    [InlineData(300, "Our clock is 300 s behind fake's: it is 2026-01-02 03:04:05Z here and 2026-01-02 03:09:05Z there.")]
    public async Task Clocks_that_differ_by_more_than_clouds_allow(int seconds, string? detail)
    {
        await GivenAsync();
        Provider.Clock = () => Instance.Clock.GetUtcNow().AddSeconds(seconds);

        var step = Step(await ReportAsync(), "clock");

        step.Failure?.Code.ShouldBe(detail is null ? null : "clock.skewed");
        (step.Failure?.Detail).ShouldBe(detail);
        (step.Note ?? "Our clock is within 59 s of fake's and of the one at the issuer's address.").ShouldBe("Our clock is within 59 s of fake's and of the one at the issuer's address.");
    }

    [Fact]
    public async Task A_clock_that_differs_is_suspected_of_a_refusal()
    {
        await GivenAsync();
        Provider.Clock = () => Instance.Clock.GetUtcNow().AddMinutes(-10);
        Refuse("E1", 1);

        var report = await ReportAsync();

        Step(report, "clock").Failure.ShouldNotBeNull();
        Step(report, "exchange").Failure!.Hint.ShouldNotBeNull().ShouldStartWith("First see to what failed besides (clock)");
    }

    [Fact]
    public async Task The_clock_at_the_issuers_address_counts_too()
    {
        await GivenAsync();
        Probe.ClockOff = TimeSpan.FromMinutes(-3);

        Failed(await ReportAsync(), "clock", "clock.skewed").Failure!.Detail.ShouldStartWith("Our clock is 180 s ahead of the one at the issuer's address");
    }
}
