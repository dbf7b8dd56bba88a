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
            200,
            """{"status":"ok","checks":[{"name":"store","ok":true,"detail":null},{"name":"root-key","ok":true,"detail":null},{"name":"signing-keys","ok":true,"detail":null},{"name":"audit","ok":true,"detail":null}]}""");

    [Fact]
    public async Task Who_issues_no_tokens_needs_no_signing_key()
    {
        await using var host = await ApiHost.StartAsync(Head, configure: null, ("Issuer", ApiHost.Unset));

        (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(200).Json["checks"]!.AsArray().Select(static check => (string)check!["name"]!)
            .ShouldBe(["store", "root-key", "audit"]);
    }

    [Fact]
    public async Task Not_ready_names_what_is_not()
    {
        LockableRootKey? rootKey = null;
        await using var host = await ApiHost.StartAsync(Head, services => Replace(services, key => rootKey = key));
        rootKey!.Locked = true;
        (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(
            503,
            """{"status":"unavailable","checks":[{"name":"store","ok":true,"detail":null},{"name":"root-key","ok":false,"detail":"Locked."},{"name":"signing-keys","ok":false,"detail":"Locked."},{"name":"audit","ok":true,"detail":null}]}""");
    }

    [Fact]
    public async Task Asking_often_uses_the_root_key_once_a_minute()
    {
        LockableRootKey? rootKey = null;
        await using var host = await ApiHost.StartAsync(Head, services => Replace(services, key => rootKey = key), ("Issuer", ApiHost.Unset));
        var before = rootKey!.Wraps;
        for (var i = 0; i < 5; i++)
        {
            (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(200);
        }

        rootKey.Wraps.ShouldBe(before + 1);
        rootKey.Locked = true;
        (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(200);
        host.Clock.Advance(TimeSpan.FromSeconds(60));
        (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(503);

        rootKey.Locked = false;
        (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(503);
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        (await host.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(200);
    }

    private static void Replace(IServiceCollection services, Action<LockableRootKey> made)
    {
        var open = services.Last(service => service.ServiceType == typeof(IRootKeySource)).ImplementationFactory!;
        services.AddSingleton<IRootKeySource>(provider =>
        {
            var source = (IRootKeySource)open(provider);
            var key = new LockableRootKey(source.Find(source.Ids[0])!);
            made(key);
            return new SingleRootKey(key);
        });
    }

    /// <summary>A root key as in a cloud's vault, which can be out of reach.</summary>
    private sealed class LockableRootKey(IRootKey key) : IRootKey
    {
        public bool Locked { get; set; }

        public int Wraps { get; private set; }

        public string Id => key.Id;

        public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken) =>
            Locked ? throw new RootKeyException("Locked.") : CountAsync(plaintext, cancellationToken);

        public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken) =>
            Locked ? throw new RootKeyException("Locked.") : key.UnwrapAsync(wrapped, cancellationToken);

        private Task<byte[]> CountAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken)
        {
            Wraps++;
            return key.WrapAsync(plaintext, cancellationToken);
        }
    }

    public sealed class Direct() : HealthTests(Head.Direct);

    public sealed class BehindARouter() : HealthTests(Head.BehindARouter);
}
