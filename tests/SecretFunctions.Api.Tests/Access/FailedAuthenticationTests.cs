using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

/// <summary>Whoever fails again and again is slowed; whoever has a right key never is.</summary>
public abstract class FailedAuthenticationTests(Head head) : ApiTest(head)
{
    private const string Here = "192.0.2.1";
    private const string There = "198.51.100.1";

    [Fact]
    public async Task Failures_from_one_address_are_slowed_and_right_keys_from_it_are_not()
    {
        await FailAsync(20, Here, static number => $"sfk_{"aaaaaaaaaaaaaaaaaaaaaa"[..(19 - number / 10)]}{(char)('b' + (number % 10))}_AAAAAAAAAAAAAAAAAAAAAA");
        var refused = (await TryAsync("something else that is long enough", Here)).ShouldBeProblem(429, "auth.too_many_failures");
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(6));
        refused.Headers.WwwAuthenticate.ShouldBeEmpty();
        refused.Errors.ShouldBe(["auth.invalid"]);
        (await TryAsync("something else that is long enough", Here)).Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(12));

        (await TryAsync("something else that is long enough", There)).ShouldBeProblem(401, "auth.invalid");
        (await TryAsync(null, Here)).ShouldBeProblem(401, "auth.missing");
        (await TryAsync(await Operator.KeyAsync("""{"name":"k","principal":{"type":"member","name":"ann@example.org"}}"""), Here)).ShouldBe(200);
    }

    [Fact]
    public async Task Failures_with_one_key_id_are_slowed_and_the_key_itself_is_not()
    {
        var key = await Operator.KeyAsync("""{"name":"k","principal":{"type":"member","name":"ann@example.org"}}""");
        for (var i = 0; i < 20; i++)
        {
            (await TryAsync(key[..^1], $"203.0.113.{i}")).ShouldBeProblem(401, "auth.invalid");
        }

        (await TryAsync(key[..^1], There)).ShouldBeProblem(429, "auth.too_many_failures");
        (await TryAsync(key, There)).ShouldBe(200);
        (await TryAsync(key, "203.0.113.1")).ShouldBe(200);
    }

    [Fact]
    public async Task Tokens_and_deliveries_of_events_are_attempts_as_well()
    {
        const string token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlLm9yZyJ9.AAAA";
        for (var i = 0; i < 10; i++)
        {
            (await TryAsync(token, Here)).ShouldBeProblem(401, "auth.issuer_not_trusted");
            (await Host.Anonymous.PostAsync("/v1/events/aws-eventbridge", "{}", ("X-Api-Key", "a wrong key that is long enough to be one"), (From.Header, Here))).ShouldBeProblem(401, "auth.invalid");
        }

        (await TryAsync(token, Here)).ShouldBeProblem(429, "auth.too_many_failures").Errors.ShouldBe(["auth.issuer_not_trusted"]);
        (await Host.Anonymous.PostAsync("/v1/events/aws-eventbridge", "{}", ("X-Api-Key", "a wrong key that is long enough to be one"), (From.Header, Here))).ShouldBeProblem(429, "auth.too_many_failures");
    }

    [Fact]
    public async Task Guesses_at_a_made_up_operator_key_lock_out_nobody_elsewhere()
    {
        await FailAsync(20, Here, static number => $"a guess that is long enough, number {number}");
        (await TryAsync(ApiHost.OperatorKey, Here)).ShouldBeProblem(429, "auth.too_many_failures");
        (await TryAsync(ApiHost.OperatorKey, There)).ShouldBe(200);
        Host.Clock.Advance(TimeSpan.FromSeconds(6));
        (await TryAsync(ApiHost.OperatorKey, Here)).ShouldBe(200);
    }

    protected override void Configure(IServiceCollection services) => services.AddSingleton<IStartupFilter, From>();

    private Task<Reply> TryAsync(string? key, string address) =>
        Host.Anonymous.GetReplyAsync("/v1/whoami", [.. key is null ? [] : new[] { ("Authorization", $"Bearer {key}") }, (From.Header, address)]);

    private async Task FailAsync(int times, string address, Func<int, string> key)
    {
        for (var i = 0; i < times; i++)
        {
            (await TryAsync(key(i), address)).ShouldBeProblem(401, "auth.invalid");
        }
    }

    /// <summary>Has requests come from where they say, as connections in memory come from nowhere.</summary>
    private sealed class From : IStartupFilter
    {
        public const string Header = "X-Test-Address";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, after) =>
            {
                context.Connection.RemoteIpAddress = context.Request.Headers[Header] is [{ } address] ? IPAddress.Parse(address) : null;
                return after(context);
            });
            next(app);
        };
    }

    public sealed class Direct() : FailedAuthenticationTests(Head.Direct);

    public sealed class BehindARouter() : FailedAuthenticationTests(Head.BehindARouter);
}
