using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Tests.Organizations;

/// <summary>Deleting an organization destroys its keys before anything else, so that wherever it is interrupted nothing can be opened.</summary>
public abstract class CryptoShreddingTests(Head head)
{
    [Fact]
    public async Task The_keys_are_gone_before_anything_else_is()
    {
        FailingStore? store = null;
        await using var host = await ApiHost.StartAsync(head, services =>
        {
            var open = services.Last(service => service.ServiceType == typeof(IEntityStore)).ImplementationFactory!;
            services.Replace(ServiceDescriptor.Singleton<IEntityStore>(provider => store = new FailingStore((IEntityStore)open(provider))));
        });
        await host.OrganizationAsync("acme");
        await host.OperatorOf("acme").VariableAsync("dev/KEY", "1");
        var id = await FindIdAsync(store!);

        store!.FailsAfterDeleting = "keys";
        (await host.Operator.DeleteReplyAsync("/v1/organizations/acme")).ShouldBeProblem(503, "store.unavailable");

        (await store.GetAsync(new EntityKey(id, "keys"), CancellationToken.None)).ShouldBeNull();
        (await store.GetAsync(new EntityKey(id, "variable|dev|organization|KEY"), CancellationToken.None)).ShouldNotBeNull();
        (await host.OperatorOf("acme").GetReplyAsync("/v1/variables")).ShouldBeProblem(404, "organization.not_found");

        store.FailsAfterDeleting = null;
        (await host.Operator.DeleteReplyAsync("/v1/organizations/acme")).ShouldBeNothing();
        (await store.QueryAsync(new EntityRange(id, "!", "~~"), 10, null, CancellationToken.None)).Entities.ShouldBeEmpty();
    }

    private static async Task<string> FindIdAsync(IEntityStore store)
    {
        var name = await store.GetAsync(new EntityKey("deployment", "organization|acme"), CancellationToken.None);
        return (string)System.Text.Json.Nodes.JsonNode.Parse(name!.Data.Span)!["id"]!;
    }

    /// <summary>A store that dies right after one row was deleted.</summary>
    private sealed class FailingStore(IEntityStore store) : IEntityStore, IDisposable
    {
        private bool _dead;

        public string? FailsAfterDeleting
        {
            get;
            set
            {
                field = value;
                _dead = false;
            }
        }

        public Task<Entity?> GetAsync(EntityKey key, CancellationToken cancellationToken) => store.GetAsync(key, cancellationToken);

        public Task<EntityPage> QueryAsync(EntityRange range, int limit, string? continuation, CancellationToken cancellationToken) =>
            store.QueryAsync(range, limit, continuation, cancellationToken);

        public async Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken)
        {
            if (_dead)
            {
                throw new StoreUnavailableException("The test has pulled the plug.");
            }

            var result = await store.WriteAsync(partition, writes, cancellationToken);
            _dead = FailsAfterDeleting is { } row && writes.Any(write => write.Kind == WriteKind.Delete && write.Row == row);
            return result;
        }

        public void Dispose() => (store as IDisposable)?.Dispose();
    }

    public sealed class Direct() : CryptoShreddingTests(Head.Direct);

    public sealed class BehindARouter() : CryptoShreddingTests(Head.BehindARouter);
}
