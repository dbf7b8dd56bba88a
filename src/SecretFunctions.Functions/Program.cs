using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SecretFunctions.Hosting;

try
{
    var builder = FunctionsApplication.CreateBuilder(args);
    LogLevels.Settle(builder.Configuration);
    FunctionsSettings.Check(builder.Configuration);
    builder.ConfigureFunctionsWebApplication();
    builder.Services.AddHttpContextAccessor();
    builder.Services.AddSecretFunctions(builder.Configuration);
    var host = builder.Build();
    if (await host.Services.StartSecretFunctionsAsync(CancellationToken.None) is not null)
    {
        // The platform keeps what is printed here, so the key is not.
        Console.WriteLine($"There is an operator's API key now, which nobody was shown: set {SecretFunctionsOptions.Section}__BootstrapKey to one of your own.");
    }

    await host.RunAsync();
    return 0;
}
catch (SetupException exception)
{
    await Console.Error.WriteLineAsync($"SecretFunctions cannot start. {exception.Message}");
    return 1;
}
