using SecretFunctions.Api;
using SecretFunctions.Hosting;

namespace SecretFunctions.Server;

/// <summary>The Kestrel head: the same API pipeline as every host, on a plain server.</summary>
public static class ServerHost
{
    /// <exception cref="SetupException">Settings are missing or wrong.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,

            // Beside the program: nothing is served from a folder, and the working directory may be large and is nobody's to watch.
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.AddCommandLine(args, new Dictionary<string, string> { ["--data"] = $"{SecretFunctionsOptions.Section}:Data" });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSecretFunctions(builder.Configuration);
        var app = builder.Build();
        app.UseSecretFunctions();
        return app;
    }
}
