using System.Diagnostics;
using SecretFunctions.Api.Tests.Hosting;
using Xunit.Abstractions;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>Twenty references across all six stores, each once, from cold and from the cache.</summary>
public sealed class AcceptanceTests(ITestOutputHelper output) : StoresTest
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(50);

    private static readonly (string Provider, int Secrets)[] Twenty =
    [
        ("aws-secrets-manager", 5), ("azure-key-vault", 3), ("google-secret-manager", 3), ("hashicorp-vault", 3), ("cyberark-conjur", 4), ("1password-connect", 2),
    ];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var keys = new List<string>();
        foreach (var (provider, secrets) in Twenty)
        {
            for (var i = 0; i < secrets; i++)
            {
                keys.Add($"K{keys.Count:00}");
                await ReferAsync(keys[^1], provider, $"value-{keys.Count - 1}");
            }

            (await Operator.PostAsync($"/v1/provider-credentials/{provider}/test")).ShouldBe(200).Json["ok"]!.GetValue<bool>().ShouldBeTrue();
        }

        // 1Password finds a title in two requests, and an id in one.
        foreach (var key in keys[^2..])
        {
            await PutReferenceAsync(key, "1password-connect", $"{ItemId(int.Parse(key[1..], System.Globalization.CultureInfo.InvariantCulture) - 18)}#password");
        }

        await AssignAsync([.. keys]);
    }

    [Fact]
    public async Task Twenty_references_take_less_than_two_round_trips_and_then_none()
    {
        // Once for the process, whose code is not compiled yet; the stores are already logged in to. No value outlives the clearing.
        await ResolveAsync();
        foreach (var store in Stores.Doubles)
        {
            store.Faults.Latency = Latency;
        }

        // The best of a few runs on either side: other processes of the machine can only make a run longer.
        var roundTrip = TimeSpan.MaxValue;
        var first = TimeSpan.MaxValue;
        using var http = new HttpClient();
        for (var run = 0; run < 5; run++)
        {
            (await Operator.DeleteReplyAsync("/v1/cache")).ShouldBe(200);
            Stores.ForgetRequests();
            roundTrip = Min(roundTrip, await MeasureAsync(() => http.GetAsync(new Uri(Stores.OnePassword.Address, "/health"))));
            first = Min(first, await MeasureAsync(async () => (await ResolveAsync()).ShouldBe(200).Json["variables"]!.AsObject().Count.ShouldBe(20)));
        }

        await KeptAsync(20);
        Stores.ForgetRequests();
        var second = await MeasureAsync(async () => (await ResolveAsync()).ShouldBe(200).Json["variables"]!.AsObject().Select(static pair => (string)pair.Value!)
            .ShouldBe(Enumerable.Range(0, 20).Select(static i => $"value-{i}")));

        output.WriteLine($"round trip {roundTrip.TotalMilliseconds:0.0} ms, first resolve {first.TotalMilliseconds:0.0} ms, second {second.TotalMilliseconds:0.0} ms");
        first.ShouldBeLessThan(2 * roundTrip);
        Stores.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_hundred_kickoffs_at_once_with_a_cold_cache_read_as_much_as_one()
    {
        await ResolveAsync();
        (await Operator.DeleteReplyAsync("/v1/cache")).ShouldBe(200);
        Stores.ForgetRequests();
        await ResolveAsync();
        var ofOne = Stores.Requests.Order().ToArray();
        (await Operator.DeleteReplyAsync("/v1/cache")).ShouldBe(200);
        Stores.ForgetRequests();
        foreach (var store in Stores.Doubles)
        {
            store.Faults.Latency = Latency;
        }

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => ResolveAsync())));

        replies.ShouldAllBe(static reply => reply.Status == 200);
        output.WriteLine($"{ofOne.Length} requests: {string.Join("; ", ofOne)}");
        Stores.Requests.Order().ShouldBe(ofOne);
        ofOne.Length.ShouldBeLessThanOrEqualTo(20);
        ofOne.Count(static request => request.StartsWith("BatchGetSecretValue", StringComparison.Ordinal)).ShouldBe(1);
        ofOne.Count(static request => request.StartsWith("batch", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_cold_second_instance_starts_warm_from_encrypted_rows()
    {
        await ResolveAsync();
        await KeptAsync(20);
        await using var second = await Host.StartAnotherAsync(Head.Direct, Stores.Settings);
        Stores.ForgetRequests();

        (await ResolvedAsync(client: second.Operator)).ShouldBe(await ResolvedAsync());

        Stores.Requests.ShouldBeEmpty();
        foreach (var file in Directory.GetFiles(Host.Data))
        {
            await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(content, System.Text.Encoding.Latin1);
            (await reader.ReadToEndAsync()).ShouldNotContain("value-1");
        }
    }

    [Fact]
    public async Task With_every_store_down_each_variable_is_named_with_why()
    {
        foreach (var store in Stores.Doubles)
        {
            store.Faults.Down = true;
        }

        var errors = (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Json["errors"]!.AsArray();

        errors.Count.ShouldBe(20);
        errors.Select(static error => (string)error!["key"]!).ShouldBe(Enumerable.Range(0, 20).Select(static i => $"K{i:00}"));
        errors.ShouldAllBe(static error => (string?)error!["code"] == "provider.unreachable" && error["detail"] != null && error["hint"] != null);
    }

    private static string ItemId(int number) => $"item{number.ToString("d22", System.Globalization.CultureInfo.InvariantCulture)}";

    private static async Task<TimeSpan> MeasureAsync(Func<Task> run)
    {
        var start = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(start);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
