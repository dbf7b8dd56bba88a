using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Tables;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Storage.Tests.Tables;

[Collection(SharedAzurite.Name)]
[Trait("Category", "Emulator")]
public sealed class TableEntityStoreContractTests : EntityStoreContract
{
    public TableEntityStoreContractTests(Azurite azurite)
    {
        TablesAccount.TryFromConnectionString(azurite.ConnectionString, out var account, out _).ShouldBeTrue();
        Store = new TableEntityStore(account!, Azurite.NewTableName(), null, TimeProvider.System);
    }

    protected override IEntityStore Store { get; }
}
