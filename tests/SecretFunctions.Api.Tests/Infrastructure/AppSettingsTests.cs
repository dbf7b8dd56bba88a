using System.Collections;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Hosting;
using SecretFunctions.Storage;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.Infrastructure;

/// <summary>The settings in the infrastructure against those that the code reads, both ways.</summary>
public sealed class AppSettingsTests
{
    /// <summary>Set in Azure by nobody, or by the operator, through the parameter <c>settings</c>: their defaults are right there, or they are for other places.</summary>
    private static readonly string[] LeftOut =
    [
        "SecretFunctions__Data", // an instance has no disk of its own
        "SecretFunctions__Root__File",
        "SecretFunctions__Tables__ConnectionString", // holds a key: the endpoint is used with an identity
        "SecretFunctions__ConsistencyWindowSeconds",
        "SecretFunctions__Tokens__LifetimeSeconds",
        "SecretFunctions__SigningKeys__Bits",
        "SecretFunctions__SigningKeys__RotationDays",
        "SecretFunctions__SigningKeys__PublishAheadHours",
        "SecretFunctions__Vault__VersionsKept",
        "SecretFunctions__Resolve__DeadlineSeconds",
        "SecretFunctions__Audit__RetentionDays",
        "SecretFunctions__Vault__KeyGraceSeconds",
        "SecretFunctions__Limits__PrincipalRequestsPerSecond",
        "SecretFunctions__Limits__PrincipalBurst",
        "SecretFunctions__Limits__OrganizationRequestsPerSecond",
        "SecretFunctions__Limits__OrganizationBurst",
        "SecretFunctions__Limits__CostlyRequestsPerSecond",
        "SecretFunctions__Limits__CostlyBurst",
        "SecretFunctions__Providers__EndpointOverrides",
        "SecretFunctions__Providers__TrustedRootsFile",
        "SecretFunctions__Providers__AllowAmbient",
        "SecretFunctions__Events__Organization", // events come through the queue
        "SecretFunctions__Events__EntraTenantId",
        "SecretFunctions__Events__EntraAudience",
        "SecretFunctions__Events__EntraClientId",
        "SecretFunctions__Events__PubSubAudience",
        "SecretFunctions__Events__PubSubServiceAccount",
        "SecretFunctions__Events__PubSubSubscription",
    ];

    /// <summary>Read by the host of Functions and by Azure's libraries.</summary>
    private static readonly string[] Platform =
    [
        "AzureWebJobsStorage__blobServiceUri",
        "AzureWebJobsStorage__queueServiceUri",
        "AzureWebJobsStorage__tableServiceUri",
        "AzureWebJobsStorage__credential",
        "AzureWebJobsStorage__clientId",
        "AzureWebJobsDisableHomepage",
        "AZURE_CLIENT_ID",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    ];

    /// <summary>Flex Consumption refuses some of these, and starts an app with others and then runs something else.</summary>
    private static readonly string[] Forbidden =
        ["FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENT", "AccountKey=", "listKeys("];

    private static readonly string[] Ours = [.. Settings("SecretFunctions", typeof(SecretFunctionsOptions), typeof(StorageOptions))];

    private static readonly string[] Triggers = [FunctionsSettings.MaintenanceSchedule, FunctionsSettings.KeyRotationSchedule, FunctionsSettings.RotationQueue];

    [Fact]
    public void Every_setting_in_the_infrastructure_is_one_that_something_reads() =>
        AzureSettings.Names.ShouldBeSubsetOf([.. Ours, .. Triggers, .. Platform]);

    [Fact]
    public void Every_setting_that_the_code_reads_is_set_or_left_out_on_purpose()
    {
        Ours.Except(LeftOut).ShouldBe(AzureSettings.Names.Where(static name => name.StartsWith("SecretFunctions__", StringComparison.Ordinal)), ignoreOrder: true);
        LeftOut.ShouldBeSubsetOf(Ours);
        LeftOut.Intersect(AzureSettings.Names).ShouldBeEmpty();
    }

    [Fact]
    public void What_the_platform_and_the_triggers_need_is_there_once()
    {
        AzureSettings.Names.ShouldBeUnique();
        Platform.Concat(Triggers).ShouldBeSubsetOf(AzureSettings.Names);
    }

    [Fact]
    public void What_the_plan_does_not_take_and_what_would_need_a_key_is_nowhere()
    {
        var texts = Directory.GetFiles(Path.Combine(RepositoryPaths.Root, "infra"), "*.bicep", SearchOption.AllDirectories).Select(File.ReadAllText);

        texts.ShouldAllBe(text => !Forbidden.Any(word => text.Contains(word, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_service_takes_what_the_infrastructure_sets()
    {
        AzureSettings.Names.Where(static name => !Platform.Contains(name)).ShouldAllBe(static name => AzureSettings.IsKnown(name));
        var configuration = AzureSettings.Configuration();

        Should.NotThrow(() => FunctionsSettings.Check(configuration));
        Should.NotThrow(() => new ServiceCollection().AddSecretFunctions(configuration));
    }

    [Fact]
    public void The_first_key_is_a_reference_and_no_key() =>
        AzureSettings.Source.ShouldContain("SecretFunctions__BootstrapKey: '@Microsoft.KeyVault(SecretUri=${firstKeySecret})'");

    /// <summary>As <c>Settings.Check</c> goes through them: a type that can be written as text, or a list or map, is a setting; any other is a group.</summary>
    private static IEnumerable<string> Settings(string path, params Type[] options) =>
        from property in options.SelectMany(static type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        where property.CanWrite
        let name = $"{path}__{property.Name}"
        let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
        from setting in type.IsPrimitive || type.IsEnum || type == typeof(string) || type.IsAssignableTo(typeof(IEnumerable)) ? [name] : Settings(name, type)
        select setting;
}
