using SecretFunctions.Core.Vault;
using SecretFunctions.Hosting;
using SecretFunctions.Storage.Tables;

namespace SecretFunctions.Storage.Tests.Hosting;

public sealed class KeyGraceTests
{
    [Fact]
    public void A_write_to_a_table_with_all_its_repeats_is_over_long_before_a_key_is_dropped()
    {
        var retry = new TableClientOptions().Retry;
        var longest = (retry.NetworkTimeout * (retry.MaxRetries + 1)) + (retry.MaxDelay * retry.MaxRetries);

        TimeSpan.FromSeconds(VaultSettings.MinKeyGraceSecondsOfTables).ShouldBeGreaterThan(longest * 2);
    }

    [Theory]
    [InlineData("tables", 119, "SecretFunctions:Vault:KeyGraceSeconds must be from 120 to 604800 where SecretFunctions:Store is 'tables'.")]
    [InlineData("tables", 120, null)]
    [InlineData("tables", 604801, "SecretFunctions:Vault:KeyGraceSeconds must be from 120 to 604800 where SecretFunctions:Store is 'tables'.")]
    [InlineData("sqlite", 9, "SecretFunctions:Vault:KeyGraceSeconds must be from 10 to 604800 where SecretFunctions:Store is 'sqlite'.")]
    [InlineData("sqlite", 10, null)]
    public void The_least_is_what_the_store_needs(string store, int seconds, string? sentence) =>
        new VaultSettings { KeyGraceSeconds = seconds }.Validate(new StorageOptions { Store = store }).SingleOrDefault().ShouldBe(sentence);

    [Fact]
    public void A_new_key_waits_longer_than_clocks_differ_before_it_seals()
    {
        Settling(KeyRotationOptions.DefaultGrace).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(2));
        Settling(TimeSpan.FromSeconds(VaultSettings.MinKeyGraceSecondsOfTables)).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));

        static TimeSpan Settling(TimeSpan grace) => new KeyRotationOptions(grace, TimeSpan.Zero).Settling;
    }
}
