using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Sqlite;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Storage.Tests.Sqlite;

public sealed class SqliteEntityStoreContractTests : EntityStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteEntityStore _store;

    public SqliteEntityStoreContractTests() =>
        _store = SqliteEntityStore.Open(_folder.Path, NullLogger<SqliteEntityStore>.Instance);

    protected override IEntityStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }
}
