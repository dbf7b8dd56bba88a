using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Api.Tests.Operations;
using SecretFunctions.Api.Tests.Sealing;

namespace SecretFunctions.Api.Tests.Canary;

/// <summary>Secrets driven through every endpoint and every failure, and then searched for wherever they may not be.</summary>
public abstract class CanaryTests(Head head) : ApiTest(head), IDisposable
{
    /// <summary>No name, key or property looks like it, so none of them can be repeated by accident.</summary>
    private const string Secret = "cAnArY+s3cr3t/Zx81!qQ~vT5#pL0&wM2";

    /// <summary>Sent in an address, where no secret belongs: it may be in the web framework's own access log, which the server keeps off.</summary>
    private const string Misplaced = "AdDr3ssCaNaRy-7Hq2Zk9xV4";

    private static readonly string[] ShowSecrets = ["/v1/resolve", "/v1/render", "/reveal"];

    /// <summary>Wrong in every way, with the secret in the place of <c>$</c>.</summary>
    private static readonly string[] Bodies =
    [
        """{"value":"$" """, """{"value":$}""", """{"value":["$"]}""", """{"value":"$","value":"$"}""", """{"value":"$\u0000"}""", "{\"value\":\"$\\ud800\"}",
        """{"$":"1"}""", """{"value":"1","$":"1"}""", """{"value":"1","tags":["$"]}""", """{"tags":{"$":1}}""", """{"value":"1","displayName":"\n$"}""",
        """{"templates":{"t":"{{$}}"}}""", """{"templates":{"t":"{{ $"}}""", """{"templates":{"t":"x"},"environment":"$"}""", """{"templates":{"t":"x"},"$":1}""",
        """{"kickoff":{"kind":"$"}}""", """{"kickoff":{"triggeredBy":"$"}}""", """{"kickoff":{"$":1}}""", """{"automation":"$"}""", """{"snapshot":"$"}""", """{"environment":"$"}""",
        """{"project":"$"}""", """{"project":"default","owner":"$"}""", """{"items":[{"key":"$"}]}""", """{"items":[{"key":"CANARY","scope":"$"}]}""", """{"items":[{"$":1}]}""",
        """{"sealedValue":"$"}""", """{"sealedValue":"$.$.$.$.$"}""", """{"value":"$","sealedValue":"$"}""", """{"sealTo":"$"}""", """{"sealTo":{"kty":"$"}}""", """{"sealTo":{"$":"$"}}""",
        """{"sealTo":{"kty":"RSA","n":"$","e":"AQAB","d":"$"}}""", """{"sealTo":{"kty":"RSA","n":"$","e":"$"}}""", """{"sealTo":{"kty":"EC","crv":"$"}}""", """{"sealTo":{"kty":"EC","crv":"P-256","x":"$","y":"$"}}""",
        """{"sealTo":{"kty":"RSA","alg":"$"}}""", """{"sealTo":{"kty":"RSA","kid":["$"]}}""", """{"sealTo":{"kty":"RSA","key_ops":["$"]}}""",
        """{"name":"k","principal":{"type":"$","name":"$"}}""", """{"name":"k","principal":{"type":"service","name":"s"},"permissions":{"keys":"$"}}""",
        """{"name":"k","principal":{"type":"service","name":"s"},"expiresAt":"$"}""", "K=$\nnot a line $\nB=\"$", "$", "=$", "$=1",
    ];

    private readonly ConcurrentQueue<string> _tags = [];
    private readonly List<(string Request, Reply Reply)> _replies = [];
    private ActivityListener? _listener;

    public override async Task InitializeAsync()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _tags.Enqueue(
                $"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)} {string.Join(' ', activity.Events.SelectMany(static item => item.Tags))}"),
        };
        ActivitySource.AddActivityListener(_listener);
        await base.InitializeAsync();
    }

    public void Dispose()
    {
        _listener?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_secret_is_nowhere_but_in_the_answers_that_are_for_it()
    {
        var apiKey = await DriveAsync();
        Canary[] roots = [.. (await File.ReadAllLinesAsync(Path.Combine(Host.Data, "root.key"))).Select(static line => new Canary("A root key", Convert.FromHexString(line.Split(':')[1])))];
        roots.Length.ShouldBe(2, "it was rotated");
        Canary value = new("The value", Secret), key = new("The API key", apiKey.Split('_', 3)[2]), misplaced = new("The misplaced value", Misplaced), pasted = new("The misplaced key", Misplaced.Replace('-', '_'));
        Canary[] places = [misplaced, pasted];
        Canary[] secrets = [value, key, .. roots, .. places, new("The operator's key", ApiHost.OperatorKey)];

        foreach (var (request, reply) in _replies)
        {
            foreach (var secret in secrets.Where(secret => reply.Status >= 400 || (secret != value) || !ShowSecrets.Any(path => request.Contains(path, StringComparison.Ordinal))))
            {
                secret.ShouldNotBeIn($"{reply.Body}\n{reply.Headers}\n{reply.ContentHeaders}", $"the answer of {request.Split('\n')[0]}");
            }
        }

        Host.Logs.Lines.Count.ShouldBeGreaterThan(100);
        foreach (var line in Host.Logs.Lines)
        {
            foreach (var secret in secrets.Where(secret => !places.Contains(secret) || !line.Category.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)))
            {
                secret.ShouldNotBeIn(line.Text, $"the log of {line.Category}");
            }
        }

        foreach (var file in Directory.GetFiles(Host.Data, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "root.key"))
        {
            var bytes = await ReadAsync(file);
            foreach (var secret in secrets)
            {
                secret.ShouldNotBeIn(bytes, Path.GetFileName(file));
            }
        }

        _tags.ShouldNotBeEmpty();
        foreach (var secret in secrets.Where(secret => !places.Contains(secret)))
        {
            secret.ShouldNotBeIn(string.Join('\n', _tags), "the traces");
        }
    }

    [Fact]
    public void The_search_finds_a_secret_in_every_form()
    {
        var canary = new Canary("It", Secret);
        var utf8 = Encoding.UTF8.GetBytes($"before {Secret} after");
        canary.FindIn(utf8).ShouldNotBeNull();
        canary.FindIn(Encoding.Unicode.GetBytes(Secret)).ShouldNotBeNull();
        canary.FindIn(Encoding.ASCII.GetBytes(Convert.ToHexString(utf8))).ShouldNotBeNull();
        for (var shift = 0; shift < 3; shift++)
        {
            canary.FindIn(Encoding.ASCII.GetBytes(Convert.ToBase64String([.. new byte[shift], .. utf8]))).ShouldNotBeNull();
        }

        canary.FindIn("something else"u8).ShouldBeNull();
    }

    /// <summary>Everything that works, with the secret as value; then everything that fails, with it wherever one could put it.</summary>
    private async Task<string> DriveAsync()
    {
        var values = new Dictionary<string, string>();
        string? apiKey = null;
        foreach (var call in Tour.Calls)
        {
            var withSecret = call with { Body = call.Body?.Replace("\"value\":\"1\"", $"\"value\":\"{Secret}\"", StringComparison.Ordinal).Replace("A=1", $"A='{Secret}'", StringComparison.Ordinal) };
            var reply = await withSecret.SendAsync(Operator, values);
            call.Learn(reply, values);
            reply.Status.ShouldBe(call.Status, call.Route);
            if (call.Learns == "key")
            {
                apiKey = (string)reply.Json["key"]!;
                await Host.Client(apiKey).PostAsync("/v1/resolve", "{}");
            }
            else
            {
                _replies.Add((call.Route, reply));
            }
        }

        (await Operator.ImportAsync("/v1/variables/dev/import", $"CANARY='{Secret}'")).ShouldBe(200);
        (await Operator.ResolvedAsync("{}")).ShouldBe($"CANARY={Secret}");
        await SealAsync();
        await FailAsync(apiKey!);
        return apiKey!;
    }

    /// <summary>Sealed by a client and to a client: then it is not even in the answers that are for it.</summary>
    private async Task SealAsync()
    {
        var key = await Operator.SealingKeyAsync();
        foreach (var (name, value) in new[] { ("sealed", Secret), ("sealed, no value", $"{Secret}\0"), ("sealed, changed", Secret) })
        {
            var jwe = Sealed.Seal(key, value);
            jwe = name == "sealed, changed" ? $"{jwe[..^22]}{new string('A', 22)}" : jwe;
            _replies.Add(($"PUT {name}", (await Operator.PutAsync("/v1/variables/dev/CANARY", Sealed.Body(jwe))).ShouldBe(200)));
            _replies.Add(($"reveal {name}", (await Operator.PostAsync("/v1/variables/dev/CANARY/reveal")).ShouldBe(409)));
            _replies.Add(($"versions {name}", (await Operator.GetReplyAsync("/v1/variables/dev/CANARY/versions")).ShouldBe(200)));
            _replies.Add(($"resolve {name} to a key", (await Operator.PostAsync("/v1/resolve", $$$"""{"sealTo":{"kty":"RSA","n":"{{{key["n"]}}}","e":"AQAB"}}""")).ShouldBe(name == "sealed" ? 200 : 424)));
        }

        (await Operator.SealedVariableAsync("dev/CANARY", Secret)).ShouldBe(200);
        (await Operator.ResolvedAsync("{}")).ShouldBe($"CANARY={Secret}");
    }

    private async Task FailAsync(string apiKey)
    {
        foreach (var route in Tour.Calls.Where(static call => call.Body is not null).DistinctBy(static call => call.Route))
        {
            foreach (var body in Bodies)
            {
                var reply = await (route with { Body = body.Replace("$", Secret, StringComparison.Ordinal) }).SendAsync(Operator, new Dictionary<string, string>());
                if (reply.Status >= 400)
                {
                    _replies.Add(($"{route.Route}\n{body}", reply));
                }
            }
        }

        foreach (var path in new[] { "/v1/projects/", "/v1/variables/dev/", "/v1/api-keys/", "/v1/automations/", "/v1/organizations/", "/v1/", "/v1/variables?scope=", "/v1/projects?cursor=", "/v1/projects?limit=" })
        {
            _replies.Add((path, await Operator.GetReplyAsync(path + Misplaced)));
        }

        // Whoever may not is recorded, with what they named: not with a key that they pasted in the place of a name.
        var powerless = await Host.ServiceAsync("powerless", "cache: view");
        foreach (var path in new[] { "/v1/projects/", "/v1/variables/dev/", "/v1/api-keys/", "/v1/members/", "/v1/trusted-issuers/" })
        {
            foreach (var pasted in new[] { $"{apiKey[..^Misplaced.Length]}{Misplaced}", $"{apiKey[..^Misplaced.Length]}{Misplaced.Replace('-', '_')}" })
            {
                _replies.Add((path, (await powerless.DeleteReplyAsync(path + pasted)).ShouldBe(403)));
            }
        }

        foreach (var (name, content) in new[] { ("Authorization", $"Bearer {apiKey}x"), ("Authorization", Secret), ("X-Organization", Secret), ("If-None-Match", Secret) })
        {
            _replies.Add((name, await Host.Anonymous.GetReplyAsync("/v1/projects/default", (name, content))));
            _replies.Add((name, await Operator.DeleteReplyAsync("/v1/projects/none", (name, content))));
        }
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    protected override void Configure(IServiceCollection services) => services.AddFakeCloud(FakeCloud.Provider());

    public sealed class Direct() : CanaryTests(Head.Direct);

    public sealed class BehindARouter() : CanaryTests(Head.BehindARouter);
}
