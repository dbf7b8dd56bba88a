using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Core.Vault;
using SecretFunctions.Hosting;

namespace SecretFunctions.Api.Tests.Infrastructure;

/// <summary>Whatever infrastructure could leave out or contradict stops the start in one sentence, before anything is read, written or served.</summary>
public sealed class RefusedSettingsTests
{
    private const string Reference = "@Microsoft.KeyVault(SecretUri=https://kv-sf-abc.vault.azure.net/secrets/first-owner-key)";

    [Theory]
    [InlineData("Tables__Endpoint", null, "SecretFunctions:Store is 'tables', so exactly one of SecretFunctions:Tables:ConnectionString and SecretFunctions:Tables:Endpoint must be set.")]
    [InlineData("Tables__Endpoint", "", "SecretFunctions:Store is 'tables', so exactly one of SecretFunctions:Tables:ConnectionString and SecretFunctions:Tables:Endpoint must be set.")]
    [InlineData("Tables__ConnectionString", "UseDevelopmentStorage=true", "SecretFunctions:Store is 'tables', so exactly one of SecretFunctions:Tables:ConnectionString and SecretFunctions:Tables:Endpoint must be set.")]
    [InlineData("Tables__Endpoint", "http://stsecretsabc.table.core.windows.net", "SecretFunctions:Tables:Endpoint must be an https URL such as https://ACCOUNT.table.core.windows.net.")]
    [InlineData("Tables__Endpoint", "stsecretsabc", "SecretFunctions:Tables:Endpoint must be an https URL such as https://ACCOUNT.table.core.windows.net.")]
    [InlineData("Tables__Endpoint", "https://stsecretsabc.blob.core.windows.net/", "SecretFunctions:Tables:Endpoint must be the account's endpoint for tables, such as https://ACCOUNT.table.core.windows.net, not one of its others.")]
    [InlineData("Tables__Name", "secret-functions", "SecretFunctions:Tables:Name must be 3 to 63 letters and digits, a letter first.")]
    [InlineData("Store", null, "SecretFunctions:Tables says where tables are, but SecretFunctions:Store is 'sqlite': set it to 'tables', or leave out what is set below Tables.")]
    [InlineData("Store", "table", "SecretFunctions:Store must be 'sqlite' or 'tables'.")]
    [InlineData("Root__File", "root.key", "SecretFunctions:Root:File and SecretFunctions:Root:KeyVaultKey exclude each other: set one of them.")]
    [InlineData("Root__KeyVaultKey", "https://kv-sf-abc.vault.azure.net", "SecretFunctions:Root:KeyVaultKey must be a key's address, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("Root__KeyVaultKey", "https://kv-sf-abc.vault.azure.net/secrets/root", "SecretFunctions:Root:KeyVaultKey must be a key's address, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("Root__KeyVaultKey", "http://kv-sf-abc.vault.azure.net/keys/root", "SecretFunctions:Root:KeyVaultKey must be a key's address, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("Root__KeyVaultKey", "https://kv.example.com/keys/root", "SecretFunctions:Root:KeyVaultKey must be a key's address, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("Root__KeyVaultKey", "", "SecretFunctions:Root:KeyVaultKey must be a key's address, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("Root__KeyVaultKey", Reference, "SecretFunctions:Root:KeyVaultKey is a reference that Azure did not resolve: look at its status in the app's settings, and at the identity's access to the vault.")]
    [InlineData("Root__KeyVaultKeyRestoredFrom", "https://kv-sf-lost.vault.azure.net/keys/root/0123456789abcdef", "SecretFunctions:Root:KeyVaultKeyRestoredFrom must be a key's address without a version, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("SigningKeys__KeyVaultKey", "https://kv-sf-abc.vault.azure.net/keys/issuer/0123456789abcdef", "SecretFunctions:SigningKeys:KeyVaultKey must be a key's address without a version, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("SigningKeys__KeyVaultKey", "", "SecretFunctions:SigningKeys:KeyVaultKey must be a key's address without a version, such as https://VAULT.vault.azure.net/keys/NAME.")]
    [InlineData("Issuer", "http://secrets.example.com", "SecretFunctions:Issuer must begin with https: plain http is for loopback addresses alone.")]
    [InlineData("Issuer", "https://secrets.example.com/", "SecretFunctions:Issuer must not end in a slash: clouds compare it letter by letter with what their trust policies say.")]
    [InlineData("Issuer", "https://Secrets.example.com", "SecretFunctions:Issuer must be written in its normal form: a lower-case host, no default port, no '..' in the path.")]
    [InlineData("Issuer", "", "SecretFunctions:Issuer must be an absolute https URL, such as https://secrets.example.com.")]
    [InlineData("BootstrapKey", Reference, "SecretFunctions:BootstrapKey is a reference that Azure did not resolve: look at its status in the app's settings, and at the identity's access to the vault.")]
    [InlineData("BootstrapKey", "short", "SecretFunctions:BootstrapKey must have 32 to 512 characters, none of them white space.")]
    [InlineData("Limits__PrincipalRequestsPerSecond", "2000", "SecretFunctions:Limits:PrincipalRequestsPerSecond and PrincipalBurst must be less than the organization's, or one caller could use up what all have together.")]
    [InlineData("Limits__PrincipalBurst", "20000", "SecretFunctions:Limits:PrincipalRequestsPerSecond and PrincipalBurst must be less than the organization's, or one caller could use up what all have together.")]
    [InlineData("Vault__KeyGraceSeconds", "119", "SecretFunctions:Vault:KeyGraceSeconds must be from 120 to 604800 where SecretFunctions:Store is 'tables'.")]
    [InlineData("Maintenance__IntervalSeconds", "1", "SecretFunctions:Maintenance:IntervalSeconds must be from 5 to 3600.")]
    [InlineData("Maintenance__Interval", "60", "SecretFunctions:Maintenance:Interval is not a setting: SecretFunctions:Maintenance has IntervalSeconds.")]
    [InlineData("Providers__EndpointOverrides__entra", Reference, "SecretFunctions:Providers:EndpointOverrides:entra is a reference that Azure did not resolve: look at its status in the app's settings, and at the identity's access to the vault.")]
    public void A_setting_that_is_missing_or_wrong_is_refused(string name, string? value, string sentence) =>
        Refused(($"SecretFunctions__{name}", value)).ShouldBe(sentence);

    [Fact]
    public void A_table_in_Azure_needs_a_root_key_that_no_machine_takes_with_it()
    {
        Refused(("SecretFunctions__Root__KeyVaultKey", null), ("SecretFunctions__Root__KeyVaultKeyRestoredFrom", null)).ShouldBe(
            "SecretFunctions:Tables:Endpoint needs SecretFunctions:Root:KeyVaultKey, or SecretFunctions:Root:File: a root key must not depend on one machine's data folder.");

        Should.NotThrow(() => Compose(
            ("SecretFunctions__Root__KeyVaultKey", null), ("SecretFunctions__Root__KeyVaultKeyRestoredFrom", null), ("SecretFunctions__Root__File", "/run/secrets/root.key")));
    }

    [Fact]
    public void Where_a_key_was_restored_from_means_nothing_without_the_key() =>
        Refused(("SecretFunctions__Root__KeyVaultKey", null), ("SecretFunctions__Root__File", "root.key"), ("SecretFunctions__Root__KeyVaultKeyRestoredFrom", "https://kv-sf-lost.vault.azure.net/keys/root"))
            .ShouldBe("SecretFunctions:Root:KeyVaultKeyRestoredFrom means nothing without SecretFunctions:Root:KeyVaultKey.");

    [Fact]
    public void A_file_without_a_name_is_none() =>
        Refused(("SecretFunctions__Root__KeyVaultKey", null), ("SecretFunctions__Root__KeyVaultKeyRestoredFrom", null), ("SecretFunctions__Root__File", " "))
            .ShouldBe("SecretFunctions:Root:File must name a file.");

    [Theory]
    [InlineData("MaintenanceSchedule", null, "MaintenanceSchedule must be a schedule of six fields")]
    [InlineData("MaintenanceSchedule", "", "MaintenanceSchedule must be a schedule of six fields")]
    [InlineData("MaintenanceSchedule", "* * * * *", "MaintenanceSchedule must be a schedule of six fields")]
    [InlineData("MaintenanceSchedule", "%MaintenanceSchedule%", "MaintenanceSchedule must be a schedule of six fields")]
    [InlineData("MaintenanceSchedule", "00:01:00", "MaintenanceSchedule must be a schedule of six fields")]
    [InlineData("KeyRotationSchedule", null, "KeyRotationSchedule must be a schedule of six fields")]
    [InlineData("RotationQueue", null, "RotationQueue must be a queue's name")]
    [InlineData("RotationQueue", "Rotation_Events", "RotationQueue must be a queue's name")]
    [InlineData("RotationQueue", "rotation--events", "RotationQueue must be a queue's name")]
    [InlineData("AzureWebJobsStorage__queueServiceUri", null, "AzureWebJobsStorage must be set, or AzureWebJobsStorage__queueServiceUri with an identity")]
    [InlineData("SecretFunctions__Store", null, "SecretFunctions:Store must be 'tables' in Azure Functions")]
    [InlineData("SecretFunctions__Store", "sqlite", "SecretFunctions:Store must be 'tables' in Azure Functions")]
    [InlineData("SecretFunctions__Root__KeyVaultKey", null, "SecretFunctions:Root:KeyVaultKey must be set in Azure Functions")]
    [InlineData("SecretFunctions__Issuer", null, "SecretFunctions:Issuer must be set in Azure Functions")]
    public void The_head_s_own_settings_are_held_too(string name, string? value, string words)
    {
        var message = Should.Throw<SetupException>(() => FunctionsSettings.Check(AzureSettings.Configuration((name, value)))).Message;

        message.ShouldStartWith(words);
        message.Count(static letter => letter == '\n').ShouldBe(0);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var message = Should.Throw<SetupException>(() => FunctionsSettings.Check(AzureSettings.Configuration(("MaintenanceSchedule", null), ("SecretFunctions__Issuer", null)))).Message;

        message.ShouldContain("MaintenanceSchedule must");
        message.ShouldContain("Issuer must");
    }

    [Fact]
    public void On_one_s_own_machine_the_head_takes_a_folder_and_no_issuer() => Should.NotThrow(() => FunctionsSettings.Check(AzureSettings.Configuration(
        ("WEBSITE_SITE_NAME", null),
        ("AzureWebJobsStorage__queueServiceUri", null),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true"),
        ("SecretFunctions__Store", "sqlite"),
        ("SecretFunctions__Root__KeyVaultKey", null),
        ("SecretFunctions__Issuer", null))));

    [Fact]
    public void The_root_key_is_the_one_in_the_vault()
    {
        using var services = Compose(("SecretFunctions__Root__KeyVaultKeyRestoredFrom", null)).BuildServiceProvider();

        services.GetRequiredService<IRootKeySource>().Ids.ShouldBe(["key-vault:kv-sf-abc.vault.azure.net/root"]);
    }

    [Fact]
    public void A_restored_root_key_keeps_its_name()
    {
        using var services = Compose().BuildServiceProvider();

        services.GetRequiredService<IRootKeySource>().Ids.ShouldBe(["key-vault:kv-sf-lost.vault.azure.net/root"]);
    }

    private static IServiceCollection Compose(params (string, string?)[] changes) => new ServiceCollection().AddLogging().AddSecretFunctions(AzureSettings.Configuration(changes));

    private static string Refused(params (string, string?)[] changes)
    {
        var message = Should.Throw<SetupException>(() => Compose(changes)).Message;
        message.ShouldNotContain("kv-sf-abc", Case.Sensitive, "no value is repeated");
        return message;
    }
}
