using SecretFunctions.Core.Store;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests.Store;

/// <summary>The store these tests stand on keeps the same promises as the real ones.</summary>
public sealed class InMemoryEntityStoreContractTests : EntityStoreContract
{
    protected override IEntityStore Store { get; } = new InMemoryEntityStore();
}
