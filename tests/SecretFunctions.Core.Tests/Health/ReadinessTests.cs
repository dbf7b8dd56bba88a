using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Health;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Health;

public sealed class ReadinessTests
{
    [Fact]
    public async Task A_log_that_could_not_be_written_is_not_ready_until_it_was_or_may_be_tried_again()
    {
        var instance = await Instance.StartAsync();
        var readiness = new Readiness(instance.Store, instance.RootKeys, instance.Issuer, instance.IssuerKeys, instance.Audit, instance.Clock);
        (await AuditAsync(readiness)).ShouldBeTrue();

        await FailAsync(instance);
        (await AuditAsync(readiness)).ShouldBeFalse();
        instance.Clock.Advance(Readiness.AuditFailureRemembered);
        (await AuditAsync(readiness)).ShouldBeTrue();

        await FailAsync(instance);
        (await AuditAsync(readiness)).ShouldBeFalse();
        await instance.Audit.AppendAsync(Event(instance));
        (await AuditAsync(readiness)).ShouldBeTrue();
    }

    [Fact]
    public async Task However_many_ask_at_once_there_is_one_look()
    {
        var instance = await Instance.StartAsync();
        var readiness = new Readiness(instance.Store, instance.RootKeys, instance.Issuer, instance.IssuerKeys, instance.Audit, instance.Clock);
        var answer = new TaskCompletionSource();
        instance.Store.BeforeRead = _ => answer.Task;
        var looks = Enumerable.Range(0, 100).Select(_ => readiness.CheckAsync(CancellationToken.None)).ToList();
        answer.SetResult();

        (await Task.WhenAll(looks)).ShouldAllBe(static states => states.All(static state => state.IsReady));
        instance.Store.Reads.Count.ShouldBe(2, "whether there is data, and which root key it needs");
        (await readiness.CheckAsync(CancellationToken.None)).ShouldNotBeEmpty();
        instance.Store.Reads.Count.ShouldBe(3, "a root key that could be used is remembered");
    }

    private static async Task FailAsync(Instance instance)
    {
        instance.Store.BeforeWrite = static _ => throw new StoreUnavailableException("As the test says.");
        await Should.ThrowAsync<StoreUnavailableException>(() => instance.Audit.AppendAsync(Event(instance)));
        instance.Store.BeforeWrite = null;
    }

    private static AuditEvent Event(Instance instance) =>
        new(instance.Clock.GetUtcNow(), instance.Owner, "test", AuditEvent.Success);

    private static async Task<bool> AuditAsync(Readiness readiness) =>
        (await readiness.CheckAsync(CancellationToken.None)).Single(static part => part.Part == "audit").IsReady;
}
