using SecretFunctions.Core.Limits;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Limits;

public sealed class DebtsTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void As_many_as_the_burst_are_let_in_at_once_and_then_as_many_as_time_pays_off()
    {
        var rate = new Rate(perSecond: 10, burst: 3, _clock);
        var debt = new Debts<string>().Of("a");
        Taken(debt, rate, 5).ShouldBe(3);
        debt.Take(_clock.GetTimestamp(), rate).ShouldBe(TimeSpan.FromMilliseconds(100).Ticks);

        _clock.Advance(TimeSpan.FromMilliseconds(100) - TimeSpan.FromTicks(1));
        Taken(debt, rate, 5).ShouldBe(0);
        _clock.Advance(TimeSpan.FromTicks(1));
        Taken(debt, rate, 5).ShouldBe(1);
        _clock.Advance(TimeSpan.FromHours(1));
        Taken(debt, rate, 5).ShouldBe(3);
    }

    [Fact]
    public async Task Those_who_come_at_once_get_no_more_between_them()
    {
        var rate = new Rate(perSecond: 1, burst: 500, _clock);
        var debts = new Debts<string>();
        debts.Of("a").PaidAt.ShouldBe(0);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Taken(debts.Of("a"), rate, 1000))));
        taken.Sum().ShouldBe(500);
    }

    [Fact]
    public async Task What_is_added_by_many_at_once_is_all_there()
    {
        var rate = new Rate(perSecond: 1, burst: 1, _clock);
        var debt = new Debts<string>().Of("a");
        var now = _clock.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                debt.Add(now, rate, most: long.MaxValue / 2);
            }
        })));
        (debt.PaidAt - now).ShouldBe(8000 * rate.Cost);
    }

    [Fact]
    public void A_flood_of_others_does_not_make_a_debt_forgotten()
    {
        var rate = new Rate(perSecond: 1, burst: 2, _clock);
        var debts = new Debts<string>();
        Taken(debts.Of("a"), rate, 2).ShouldBe(2);
        for (var i = 0; i < 100_000; i++)
        {
            Taken(debts.Of($"other {i}"), rate, 1).ShouldBe(1);
        }

        Taken(debts.Of("a"), rate, 2).ShouldBe(0);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_number_of_those_who_come()
    {
        var rate = new Rate(perSecond: 1, burst: 2, _clock);
        var debts = new Debts<string>();
        var seen = Enumerable.Range(0, 50_000).Select(i => new WeakReference<Debt<string>>(Come(i))).ToList();
        GC.Collect();
        seen.Count(static debt => debt.TryGetTarget(out _)).ShouldBeLessThanOrEqualTo(8192);
        GC.KeepAlive(debts);

        Debt<string> Come(int number)
        {
            var debt = debts.Of($"{number}");
            debt.Take(_clock.GetTimestamp(), rate);
            return debt;
        }
    }

    private int Taken(Debt<string> debt, Rate rate, int tries) => Enumerable.Range(0, tries).Count(_ => debt.Take(_clock.GetTimestamp(), rate) == 0);
}
