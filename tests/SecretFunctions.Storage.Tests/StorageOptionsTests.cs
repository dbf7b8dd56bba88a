using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Storage.Sqlite;
using SecretFunctions.Storage.Tables;
using SecretFunctions.Storage.Tests.Sqlite;

namespace SecretFunctions.Storage.Tests;

public sealed class StorageOptionsTests
{
    [Fact]
    public void Without_settings_the_store_is_embedded()
    {
        using var folder = new TemporaryFolder();
        var options = new StorageOptions { Data = Path.Combine(folder.Path, "data") };

        using var store = StorageRegistration.Open(options, null, NullLoggerFactory.Instance, TimeProvider.System).ShouldBeOfType<SqliteEntityStore>();
        Directory.Exists(options.Data).ShouldBeTrue();
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=true", null)]
    [InlineData(null, "https://acct.table.core.windows.net")]
    public void Tables_open_without_a_request(string? connectionString, string? endpoint)
    {
        var options = Tables(connectionString, endpoint);

        StorageRegistration.Open(options, null, NullLoggerFactory.Instance, TimeProvider.System).ShouldBeOfType<TableEntityStore>();
    }

    [Theory]
    [InlineData(null, null, "SecretFunctions:Store is 'tables', so exactly one of SecretFunctions:Tables:ConnectionString and SecretFunctions:Tables:Endpoint must be set.")]
    [InlineData("UseDevelopmentStorage=true", "https://acct.table.core.windows.net", "SecretFunctions:Store is 'tables', so exactly one of SecretFunctions:Tables:ConnectionString and SecretFunctions:Tables:Endpoint must be set.")]
    [InlineData("AccountName=acct", null, "SecretFunctions:Tables:ConnectionString has no AccountKey.")]
    [InlineData(null, "http://acct", "SecretFunctions:Tables:Endpoint must be an https URL such as https://ACCOUNT.table.core.windows.net.")]
    public void Wrong_settings_stop_the_start_with_a_sentence(string? connectionString, string? endpoint, string sentence)
    {
        var options = Tables(connectionString, endpoint);

        options.Validate().ShouldBe([sentence]);
        Should.Throw<StoreSetupException>(() => StorageRegistration.Open(options, null, NullLoggerFactory.Instance, TimeProvider.System))
            .Message.ShouldBe(sentence);
    }

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        new StorageOptions { Store = "tables", Tables = { Name = "a-b" } }.Validate().Count().ShouldBe(2);
        new StorageOptions { Store = "files" }.Validate().ShouldBe(["SecretFunctions:Store must be 'sqlite' or 'tables'."]);
        new StorageOptions { Data = " " }.Validate().ShouldBe(["SecretFunctions:Data must name a folder."]);
    }

    private static StorageOptions Tables(string? connectionString, string? endpoint) =>
        new() { Store = "tables", Tables = { ConnectionString = connectionString, Endpoint = endpoint } };
}
