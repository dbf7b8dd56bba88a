using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Api.Tests.Operations;

public abstract class HealthTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task Alive_is_whoever_answers() =>
        (await Host.Anonymous.GetReplyAsync("/health/live")).ShouldBe(200, """{"status":"ok","checks":[]}""");

    [Fact]
    public async Task Ready_names_what_was_looked_at() =>
        (await Host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(
            200, """{"status":"ok","checks":[{"name":"store","ok":true,"detail":null},{"name":"root-key","ok":true,"detail":null}]}""");

    [Fact]
    public async Task Not_ready_names_what_is_not()
    {
        LockableRootKey? rootKey = null;
        await using var host = await ApiHost.StartAsync(Head, services =>
        {
            var open = services.Last(service => service.ServiceType == typeof(IRootKey)).ImplementationFactory!;
            services.AddSingleton<IRootKey>(provider => rootKey = new LockableRootKey((IRootKey)open(provider)));
        });
        rootKey!.Locked = true;
        (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(
            503,
            """{"status":"unavailable","checks":[{"name":"store","ok":true,"detail":null},{"name":"root-key","ok":false,"detail":"Locked."}]}""");
    }

    [Fact]
    public async Task However_many_ask_whether_it_is_ready_the_root_key_is_used_once_in_ten_seconds()
    {
        LockableRootKey? rootKey = null;
        await using var host = await ApiHost.StartAsync(Head, services =>
        {
            var open = services.Last(service => service.ServiceType == typeof(IRootKey)).ImplementationFactory!;
            services.AddSingleton<IRootKey>(provider => rootKey = new LockableRootKey((IRootKey)open(provider)));
        });
        var before = rootKey!.Wraps;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Anonymous.GetReplyAsync("/health/ready")));
        rootKey.Wraps.ShouldBe(before + 1);

        rootKey.Locked = true;
        (await host.Anonymous.GetReplyAsync("/health/ready")).Status.ShouldBe(200, "it was tried a moment ago");
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        (await host.Anonymous.GetReplyAsync("/health/ready")).Status.ShouldBe(503);
    }

    /// <summary>A root key as in a cloud's vault, which can be out of reach.</summary>
    private sealed class LockableRootKey(IRootKey key) : IRootKey
    {
        private int _wraps;

        public bool Locked { get; set; }

        public int Wraps => _wraps;

        public string Id => key.Id;

        public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _wraps);
            return Locked ? throw new RootKeyException("Locked.") : key.WrapAsync(plaintext, cancellationToken);
        }

        public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken) =>
            Locked ? throw new RootKeyException("Locked.") : key.UnwrapAsync(wrapped, cancellationToken);
    }

    public sealed class Direct() : HealthTests(Head.Direct);

    public sealed class BehindARouter() : HealthTests(Head.BehindARouter);
}
