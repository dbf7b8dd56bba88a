using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SecretFunctions.Hosting;

namespace SecretFunctions.Api.Tests.FunctionsHead;

/// <summary>What the worker would bring along if nobody said otherwise: lines for each request, and a key that nothing uses.</summary>
public sealed class HeadServicesTests
{
    private const string WebFramework = "Logging:LogLevel:Microsoft.AspNetCore";

    [Fact]
    public void The_head_settles_what_it_logs_before_it_checks_and_builds_anything()
    {
        var statements = FunctionSources.Text("src/SecretFunctions.Functions/Program.cs").Split('\n', StringSplitOptions.TrimEntries);

        statements.SkipWhile(static line => !line.Contains("CreateBuilder", StringComparison.Ordinal)).ElementAt(1).ShouldBe("LogLevels.Settle(builder.Configuration);");
    }

    [Fact]
    public void The_web_framework_says_nothing_of_a_request_that_went_well() => Settled([])[WebFramework].ShouldBe("Warning");

    [Fact]
    public void An_operators_word_on_a_category_holds() => Settled(new() { [WebFramework] = "Debug" })[WebFramework].ShouldBe("Debug");

    [Fact]
    public void A_level_that_is_none_is_refused_and_not_repeated()
    {
        var refused = Should.Throw<SetupException>(static () => Settled(new() { ["Logging:LogLevel:Default"] = "hunter2" }));

        refused.Message.ShouldStartWith("Logging:LogLevel:Default must be one of Trace,");
        refused.Message.ShouldNotContain("hunter2");
    }

    [Fact]
    public void No_key_for_cookies_is_made_where_a_host_brings_the_frameworks_MVC()
    {
        var services = new ServiceCollection();
        services.AddMvc();
        Makers().ShouldNotBeEmpty();

        services.AddSecretFunctions(new ConfigurationBuilder().Build());

        Makers().ShouldBeEmpty();

        IEnumerable<ServiceDescriptor> Makers() => services.Where(static service =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.FullName?.Contains("DataProtection", StringComparison.Ordinal) == true);
    }

    private static ConfigurationManager Settled(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings);
        LogLevels.Settle(configuration);
        return configuration;
    }
}
