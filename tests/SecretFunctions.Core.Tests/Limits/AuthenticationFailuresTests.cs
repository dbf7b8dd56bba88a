using System.Net;
using SecretFunctions.Core.Limits;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Limits;

public sealed class AuthenticationFailuresTests
{
    private static readonly Failure Wrong = new(FailureKind.Unauthenticated, "auth.invalid", "It is wrong.");

    private readonly TestClock _clock = new();
    private readonly AuthenticationFailures _failures;

    public AuthenticationFailuresTests() => _failures = new AuthenticationFailures(_clock);

    [Fact]
    public void After_some_in_a_row_the_answer_is_to_wait_longer_and_longer_up_to_a_bound()
    {
        for (var i = 0; i < AuthenticationFailures.Burst; i++)
        {
            Slow(null, "192.0.2.1").ShouldBe(Wrong);
        }

        var waits = Enumerable.Range(0, 100).Select(_ => Slow(null, "192.0.2.1").RetryAfter!.Value.TotalSeconds).ToList();
        waits.Take(5).ShouldBe([6, 12, 18, 24, 30]);
        waits.TakeLast(5).ShouldAllBe(static wait => wait == 300);

        var refused = Slow(null, "192.0.2.1");
        (refused.Kind, refused.Code).ShouldBe((FailureKind.Throttled, "auth.too_many_failures"));
        refused.Errors.ShouldHaveSingleItem().Code.ShouldBe("auth.invalid");
        _clock.Advance(TimeSpan.FromMinutes(5));
        Slow(null, "192.0.2.1").RetryAfter.ShouldBe(TimeSpan.FromSeconds(6));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Slow(null, "192.0.2.1").ShouldBe(Wrong);
    }

    [Fact]
    public void A_key_id_is_slowed_wherever_its_attempts_come_from_and_an_address_whatever_it_tries()
    {
        for (var i = 0; i < 50; i++)
        {
            Slow("key", $"192.0.2.{i}");
            Slow($"key {i}", "198.51.100.1");
        }

        Slow("key", "203.0.113.1").Code.ShouldBe(AuthenticationFailures.Code);
        Slow("new", "198.51.100.1").Code.ShouldBe(AuthenticationFailures.Code);
        Slow("new", "203.0.113.2").ShouldBe(Wrong);
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    public void Addresses_that_one_party_has_together_are_one(string one, string other, bool together)
    {
        for (var i = 0; i <= AuthenticationFailures.Burst; i++)
        {
            Slow(null, one);
        }

        (Slow(null, other) == Wrong).ShouldBe(!together);
    }

    [Fact]
    public void Many_addresses_and_key_ids_do_not_reset_what_one_has_run_up()
    {
        for (var i = 0; i <= AuthenticationFailures.Burst; i++)
        {
            Slow("key", "192.0.2.1");
        }

        for (var i = 0; i < 50_000; i++)
        {
            Slow($"made up {i}", new IPAddress(i + 1L).ToString());
        }

        Slow("key", "198.51.100.1").Code.ShouldBe(AuthenticationFailures.Code);
        Slow(null, "192.0.2.1").Code.ShouldBe(AuthenticationFailures.Code);
    }

    private Failure Slow(string? keyId, string address) => _failures.Slow(Wrong, keyId, IPAddress.Parse(address));
}
