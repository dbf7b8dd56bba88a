using SecretFunctions.Core.Audit;

namespace SecretFunctions.Core.Tests.Audit;

public sealed class EventIdTests
{
    [Fact]
    public void An_id_is_a_version_7_uuid_of_its_time()
    {
        var at = new DateTimeOffset(2026, 11, 20, 12, 34, 56, 789, TimeSpan.Zero);

        var id = EventId.New(at);

        id.Version.ShouldBe(7);
        id.Variant.ShouldBeInRange(8, 11);
        Convert.ToInt64(id.ToString("n")[..12], 16).ShouldBe(at.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Ids_of_one_instant_differ_on_every_thread()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(static _ => Task.Run(static () => Enumerable.Range(0, 1000).Select(static _ => EventId.New(DateTimeOffset.UnixEpoch)).ToArray())));

        ids.SelectMany(static batch => batch).Distinct().Count().ShouldBe(8000);
    }
}
