using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.Access.Trust;

/// <summary>An issuer that was trusted and turns bad, is slow, or changes its keys.</summary>
public abstract class HostileIssuerTests(Head head) : TrustTest(head)
{
    private static readonly TimeSpan Retried = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("10 MB of keys")]
    [InlineData("10 MB of discovery")]
    [InlineData("10,000 keys")]
    [InlineData("a redirect of the keys to a private address")]
    [InlineData("a redirect of the discovery to a private address")]
    [InlineData("keys at a private address")]
    [InlineData("keys at a metadata service")]
    [InlineData("keys at another port of this machine")]
    [InlineData("keys in a file")]
    [InlineData("keys at a relative address")]
    [InlineData("another issuer's name")]
    [InlineData("a page instead of the keys")]
    [InlineData("a list instead of the keys")]
    [InlineData("half of the keys")]
    [InlineData("a key's name that is no text")]
    [InlineData("an error")]
    [InlineData("no answer at all")]
    public async Task Whatever_it_sends_is_refused_within_bounds_and_forgiven_once_it_is_sane_again(string mischief)
    {
        await DeployAsync();
        Misbehave(mischief);
        (await WhoamiAsync(Claims())).ShouldBeProblem(503, "auth.keys_unavailable");

        // Not asked again at once, however many ask.
        var asked = Issuer.Requests.Count;
        (await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => WhoamiAsync(Claims())))).ShouldAllBe(static reply => reply.Status == 503);
        Issuer.Requests.Count.ShouldBe(asked);

        (Issuer.Faults.Down, Issuer.StatedKeysAddress, Issuer.StatedName) = (false, null, null);
        Host.Clock.Advance(Retried);
        (await WhoamiAsync(Claims())).ShouldBe(200);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_hung_up_on_at_the_limit()
    {
        await DeployAsync();
        var hungUp = new TaskCompletionSource();
        Issuer.Faults.NextAt(ForeignIssuer.Keys, async context =>
        {
            var chunk = new byte[64 * 1024];
            await context.Response.WriteAsync("{\"keys\":[");
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk, CancellationToken.None);
            }

            hungUp.SetResult();
        });

        (await WhoamiAsync(Claims())).ShouldBeProblem(503, "auth.keys_unavailable");
        await hungUp.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Keys_beyond_any_sane_number_are_not_looked_at()
    {
        await DeployAsync();
        var fill = Enumerable.Range(0, 100).Select(static number => $$"""{"kty":"oct","kid":"{{number}}","k":"AAAA"}""");
        Issuer.Faults.NextAt(ForeignIssuer.Keys, Answer($$"""{"keys":[{{string.Join(',', fill)}},{{ForeignIssuer.Describe("key-1", ForeignIssuer.RsaKey).ToJsonString()}}]}"""));
        (await WhoamiAsync(Claims())).ShouldBeProblem(401, "auth.token_key_unknown");
    }

    [Fact]
    public async Task Keys_that_are_weak_or_for_something_else_are_passed_over()
    {
        await DeployAsync();
        using var weak = RSA.Create(1024);
        using var other = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Issuer.AddKey("weak", weak);
        Issuer.AddKey("encryption", other, alter: static key => key["use"] = "enc");
        Issuer.AddKey("pss", other, alter: static key => key["alg"] = "PS256");
        Issuer.AddKey("one", other, alter: static key => key["e"] = "AQ");
        Issuer.AddKey("odd", other, alter: static key => key["n"] = "not/base64url");
        Issuer.AddKey("curve", curve);
        Issuer.AddKey("off-curve", curve, alter: static key => key["y"] = key["x"]!.DeepClone());
        Issuer.AddKey("short", curve, alter: static key => key["x"] = "AAAA");
        foreach (var (code, keyId, algorithm) in new (string, string, string)[]
        {
            ("auth.token_key_unknown", "weak", "RS256"), ("auth.token_key_unknown", "encryption", "RS256"), ("auth.token_key_unknown", "pss", "RS256"),
            ("auth.token_key_unknown", "one", "RS256"), ("auth.token_key_unknown", "odd", "RS256"), ("auth.token_key_unknown", "short", "ES384"),
            ("auth.token_key_unknown", "curve", "ES256"), ("auth.token_signature", "off-curve", "ES384"),
        })
        {
            (await WhoamiAsync(Issuer.Sign(Claims(), keyId, algorithm))).ShouldBeProblem(401, code);
        }

        (await WhoamiAsync(Issuer.Sign(Claims(), "pss", "PS256"))).ShouldBe(200);
        (await WhoamiAsync(Issuer.Sign(Claims(), "curve", "ES384"))).ShouldBe(200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_issuer_is_given_up_and_holds_up_nobody_else(bool begins)
    {
        await using var slow = new ForeignIssuer();
        await slow.StartAsync();
        await using var host = await ApiHost.StartAsync(Head, null, ("Providers:AllowedHosts", $"{Issuer.Address.Authority},{slow.Address.Authority}"));
        await host.Operator.AutomationAsync("deploy");
        foreach (var (name, issuer) in new[] { ("ci", Issuer.Name), ("slow", slow.Name) })
        {
            (await host.Operator.PutAsync(
                $"/v1/trusted-issuers/{name}",
                $$$"""{"issuer":"{{{issuer}}}","audience":"{{{Audience}}}","conditions":{"repository":"acme/web"},"principal":{"type":"automation","name":"deploy"}}""")).ShouldBe(201);
        }

        var arrived = begins ? TrickleNext(slow.Faults) : slow.Faults.HangNext();
        var token = slow.Sign(Claims(("iss", slow.Name)));
        using var impatient = new CancellationTokenSource();
        using var client = host.Client(token);
        var first = client.GetAsync(new Uri("/v1/whoami", UriKind.Relative), impatient.Token);
        var others = Enumerable.Range(0, 10).Select(_ => host.Client(token).GetReplyAsync("/v1/whoami")).ToList();
        await arrived;

        (await host.Client(Issuer.Sign(Claims())).GetReplyAsync("/v1/whoami")).ShouldBe(200);

        // Whoever came first gives up; the others wait on, and are told when it is too long.
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        (await Task.WhenAll(others)).ShouldAllBe(static reply => reply.Status == 503);
        slow.Requests.ShouldBeEmpty();

        host.Clock.Advance(Retried);
        (await host.Client(token).GetReplyAsync("/v1/whoami")).ShouldBe(200);
    }

    [Fact]
    public async Task An_issuer_s_new_key_is_found_at_once_and_made_up_ones_cost_it_one_question_a_minute()
    {
        await DeployAsync();
        (await WhoamiAsync(Claims())).ShouldBe(200);
        using var renewed = RSA.Create(2048);
        using var latest = RSA.Create(2048);
        Issuer.AddKey("key-2", renewed);
        Issuer.ForgetRequests();

        (await WhoamiAsync(Issuer.Sign(Claims(), "key-2"))).ShouldBe(200);
        Issuer.AddKey("key-3", latest);
        await FloodAsync(20);
        (await WhoamiAsync(Issuer.Sign(Claims(), "key-3"))).ShouldBeProblem(401, "auth.token_key_unknown");
        Issuer.Requests.ShouldBe([ForeignIssuer.Discovery, ForeignIssuer.Keys]);

        Host.Clock.Advance(TimeSpan.FromMinutes(1));
        await FloodAsync(20);
        Issuer.Requests.Count.ShouldBe(4);
        (await WhoamiAsync(Issuer.Sign(Claims(), "key-3"))).ShouldBe(200);
        Issuer.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_key_that_the_issuer_withdrew_is_believed_for_an_hour_and_while_it_cannot_be_asked_for_a_day()
    {
        await DeployAsync();
        (await WhoamiAsync(Claims())).ShouldBe(200);
        Issuer.Faults.Down = true;
        Host.Clock.Advance(TimeSpan.FromHours(1));
        (await WhoamiAsync(Claims())).ShouldBe(200);
        Host.Clock.Advance(TimeSpan.FromHours(23));
        (await WhoamiAsync(Claims())).ShouldBeProblem(503, "auth.keys_unavailable");

        Issuer.Faults.Down = false;
        Host.Clock.Advance(Retried);
        (await WhoamiAsync(Claims())).ShouldBe(200);
        Issuer.Withdraw("key-1");
        Host.Clock.Advance(TimeSpan.FromHours(1));
        (await WhoamiAsync(Claims())).ShouldBeProblem(401, "auth.token_key_unknown");
    }

    /// <summary>The next request gets the beginning of an answer, and then nothing any more.</summary>
    private static Task TrickleNext(FaultPlan faults)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        faults.Next(async context =>
        {
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.RequestAborted.Register(gone.SetResult);
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            begun.SetResult();
            await gone.Task;
        });
        return begun.Task;
    }

    private Task FloodAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(async number =>
        (await WhoamiAsync(Issuer.Sign(Claims(), alter: header => header["kid"] = $"made-up-{number}"))).ShouldBeProblem(401, "auth.token_key_unknown")));

    private void Misbehave(string mischief)
    {
        var keys = ForeignIssuer.Describe("key-1", ForeignIssuer.RsaKey).ToJsonString();
        var faults = Issuer.Faults;
        switch (mischief)
        {
            case "10 MB of keys": faults.NextAt(ForeignIssuer.Keys, Answer($$"""{"keys":[{{keys}}],"x":"{{new string('x', 10_000_000)}}"}""")); break;
            case "10 MB of discovery": faults.NextAt("/.well-known", Answer($$"""{"issuer":"{{Issuer.Name}}","jwks_uri":"{{Issuer.KeysAddress}}","x":"{{new string('x', 10_000_000)}}"}""")); break;
            case "10,000 keys": faults.NextAt(ForeignIssuer.Keys, Answer($$"""{"keys":[{{string.Join(',', Enumerable.Repeat(keys, 10_000))}}]}""")); break;
            case "a redirect of the keys to a private address": faults.NextAt(ForeignIssuer.Keys, Redirect("http://10.0.0.1/keys")); break;
            case "a redirect of the discovery to a private address": faults.NextAt("/.well-known", Redirect("http://169.254.169.254/latest/meta-data")); break;
            case "keys at a private address": Issuer.StatedKeysAddress = "https://10.0.0.1/keys"; break;
            case "keys at a metadata service": Issuer.StatedKeysAddress = "http://169.254.169.254/latest/meta-data"; break;
            case "keys at another port of this machine": Issuer.StatedKeysAddress = "http://127.0.0.1:9/keys"; break;
            case "keys in a file": Issuer.StatedKeysAddress = "file:///etc/passwd"; break;
            case "keys at a relative address": Issuer.StatedKeysAddress = "/keys"; break;
            case "another issuer's name": Issuer.StatedName = $"{Issuer.Name}/"; break;
            case "a page instead of the keys": faults.NextAt(ForeignIssuer.Keys, Answer("<html><body>Sign in</body></html>", "text/html")); break;
            case "a list instead of the keys": faults.NextAt(ForeignIssuer.Keys, Answer($"[{keys}]")); break;
            case "half of the keys": faults.NextAt(ForeignIssuer.Keys, Answer($$"""{"keys":[{{keys}}""")); break;
            case "a key's name that is no text": faults.NextAt(ForeignIssuer.Keys, Answer("""{"keys":[{"kty":"RSA","kid":"\ud800","n":"AA","e":"AQAB"}]}""")); break;
            case "an error": faults.NextAt(ForeignIssuer.Keys, static context => { context.Response.StatusCode = 500; return Task.CompletedTask; }); break;
            default: faults.Down = true; break;
        }
    }

    private static Func<HttpContext, Task> Answer(string body, string type = "application/json") => async context =>
    {
        context.Response.ContentType = type;
        try
        {
            await context.Response.WriteAsync(body, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up at its limit, which is what the test is about.
        }
    };

    private static Func<HttpContext, Task> Redirect(string to) => context =>
    {
        context.Response.Redirect(to);
        return Task.CompletedTask;
    };

    public sealed class Direct() : HostileIssuerTests(Head.Direct);

    public sealed class BehindARouter() : HostileIssuerTests(Head.BehindARouter);
}
