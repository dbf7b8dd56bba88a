using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.Tests.Issuer;

/// <summary>The ring as what it is: a function of stored times and the present one.</summary>
public sealed class KeyRingTests
{
    private static readonly DateTimeOffset T = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly IssuerOptions Options = IssuerOptions.Default;

    /// <summary>The second published at 0 h and signing from 24 h on.</summary>
    private static readonly KeyRing Rotating = new([Key("second", 0, 24), Key("first", -1000, -1000)]);

    [Theory]
    [InlineData(-2000, "first:Active second:Next")] // a clock that went back before everything
    [InlineData(-1, "first:Active second:Next")]
    [InlineData(0, "first:Active second:Next")]
    [InlineData(23.99, "first:Active second:Next")]
    [InlineData(24, "first:Retired second:Active")]
    [InlineData(25.16, "first:Retired second:Active")]
    [InlineData(25.17, "first:Removed second:Active")] // 60 minutes of the longest token, 5 of caches, 5 of clocks
    [InlineData(90000, "first:Removed second:Active")]
    public void States_follow_from_the_times(double hours, string states) =>
        string.Join(' ', Rotating.At(After(hours)).Select(static key => $"{key.KeyId}:{key.State}")).ShouldBe(states);

    [Fact]
    public void Every_time_has_one_key_that_signs_and_none_that_a_token_may_carry_is_missing()
    {
        var ring = new KeyRing(Enumerable.Range(0, 6).Select(static number => Key($"{number}", number * 30, (number * 30) + 24)));
        for (var hour = -30.0; hour < 250; hour += 0.1)
        {
            var signing = ring.ActiveAt(After(hour)).ShouldNotBeNull().KeyId;
            foreach (var later in new[] { 0, 0.5, 1 })
            {
                var then = ring.At(After(hour + later));
                then.Count(static key => key.State == SigningKeyState.Active).ShouldBe(1);
                then.Single(key => key.KeyId == signing).State.ShouldNotBe(SigningKeyState.Removed, $"signed at {hour} h, looked up {later} h later");
            }
        }
    }

    [Fact]
    public void An_empty_ring_has_nothing_to_say()
    {
        var ring = new KeyRing([]);

        ring.ActiveAt(T).ShouldBeNull();
        ring.NextAt(T).ShouldBeNull();
        ring.At(T).ShouldBeEmpty();
        ring.NextRotationAt(T, Options).ShouldBeNull();
        ring.IsRotationDue(T, Options).ShouldBeFalse();
        ring.Redated(T, Options).ShouldBeNull();
    }

    [Fact]
    public void The_next_key_is_due_so_early_that_it_can_sign_after_the_interval()
    {
        var ring = new KeyRing([Key("first", 0, 0)]);
        var due = T + Options.RotationInterval - Options.PublishAhead;

        ring.IsRotationDue(due - TimeSpan.FromSeconds(1), Options).ShouldBeFalse();
        ring.IsRotationDue(due, Options).ShouldBeTrue();
        ring.NextRotationAt(T, Options).ShouldBe(T + Options.RotationInterval);
        ring.NextRotationAt(due + TimeSpan.FromDays(400), Options).ShouldBe(due + TimeSpan.FromDays(401));
        new KeyRing([Key("first", 0, 0), Key("second", 2136, 2160)]).IsRotationDue(due, Options).ShouldBeFalse();
    }

    [Fact]
    public void A_key_of_a_clock_that_was_wrong_is_given_times_that_are_right()
    {
        new KeyRing([Key("first", 0, 0), Key("second", 0, 7 * 24)]).Redated(T, Options).ShouldBeNull();

        var redated = new KeyRing([Key("first", 0, 0), Key("second", 87600, 87624)]).Redated(T, Options).ShouldNotBeNull();
        (redated.KeyId, redated.PublishedAt, redated.ActivatesAt).ShouldBe(("second", T, T + Options.PublishAhead));

        var only = new KeyRing([Key("first", 87600, 87600)]).Redated(T, Options).ShouldNotBeNull();
        (only.PublishedAt, only.ActivatesAt).ShouldBe((T, T));
    }

    [Fact]
    public void Keys_of_one_time_have_an_order_that_every_instance_sees() =>
        new KeyRing([Key("b", 0, 0), Key("a", 0, 0)]).ActiveAt(T)!.KeyId.ShouldBe(new KeyRing([Key("a", 0, 0), Key("b", 0, 0)]).ActiveAt(T)!.KeyId);

    private static StoredSigningKey Key(string id, double published, double activates) => new(id, 2048, After(published), After(activates));

    private static DateTimeOffset After(double hours) => T + TimeSpan.FromHours(hours);
}
