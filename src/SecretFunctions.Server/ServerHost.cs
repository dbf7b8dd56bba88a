using System.Net.Sockets;
using System.Security.Cryptography;
using SecretFunctions.Api;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Hosting;

namespace SecretFunctions.Server;

/// <summary>The Kestrel head: the same API pipeline as every host, on a plain server.</summary>
public static class ServerHost
{
    /// <exception cref="SetupException">Settings are missing or wrong.</exception>
    public static WebApplication Build(string[] args)
    {
        ServerArguments.Check(args);
        var builder = CreateBuilder(args);
        builder.Configuration.AddCommandLine(args, ServerArguments.Aliases);
        LogLevels.Settle(builder.Configuration);

        // A start that fails is told once, by whoever catches it; what stops a running host is logged as critical.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        CheckAddresses(builder.Configuration[WebHostDefaults.ServerUrlsKey]);
        builder.WebHost.UseKestrelHttpsConfiguration();

        // Nothing on the way of a request blocks, so it need not be handed from thread to thread.
        builder.WebHost.UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddSecretFunctions(builder.Configuration);
        builder.Services.AddHostedService<MaintenanceService>();
        var app = builder.Build();
        AnnounceIssuer(app, app.Configuration[WebHostDefaults.ServerUrlsKey]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []);
        app.UseSecretFunctions();
        return app;
    }

    /// <summary>Takes requests from here on.</summary>
    /// <exception cref="SetupException">The address cannot be listened on.</exception>
    public static async Task ListenAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
            AnnounceIssuer(app, app.Urls);
        }
        catch (Exception exception) when (IsAboutListening(exception))
        {
            // Kestrel's own words name what it could not use; further lines are advice for developers of ASP.NET Core.
            var reason = exception.Message.Split('\n')[0].TrimEnd('\r', '.');
            var address = app.Configuration[WebHostDefaults.ServerUrlsKey] is { } urls ? $" on {urls} (--urls)" : "";
            throw new SetupException($"It cannot listen{address}: {reason}.", exception);
        }
    }

    /// <summary>An address that is taken, not ours or not one; a certificate that is missing, unreadable or none; settings of Kestrel's that contradict.</summary>
    private static bool IsAboutListening(Exception exception) =>
        exception is IOException or SocketException or UnauthorizedAccessException or CryptographicException or FormatException
            or InvalidOperationException or ArgumentException;

    /// <summary>
    /// Where no issuer is set, a plain loopback address of this server's own is: enough to try tokens out on one machine. Before it listens, for
    /// those that are known by then; afterwards for a port that was taken from those free.
    /// </summary>
    private static void AnnounceIssuer(WebApplication app, IEnumerable<string> urls)
    {
        foreach (var url in urls)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var address) && address is { Scheme: "http", IsLoopback: true, Port: > 0 })
            {
                app.Services.GetRequiredService<IssuerAddress>().Announce($"http://{address.Authority}");
                return;
            }
        }
    }

    private static WebApplicationBuilder CreateBuilder(string[] args)
    {
        try
        {
            return WebApplication.CreateSlimBuilder(new WebApplicationOptions
            {
                // Settings are read once, at the start: nothing need be watched for changes.
                Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],

                // Beside the program: nothing is served from a folder, and the working directory may be large and is nobody's to watch.
                ContentRootPath = AppContext.BaseDirectory,
            });
        }
        catch (InvalidDataException exception)
        {
            throw new SetupException($"A settings file is not JSON. {exception.Message}", exception);
        }
    }

    private static void CheckAddresses(string? urls)
    {
        foreach (var url in urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            try
            {
                var address = BindingAddress.Parse(url);
                if (address.Scheme is not ("http" or "https") || address.PathBase.Length > 0 || address.Port is < 0 or > ushort.MaxValue)
                {
                    throw new FormatException();
                }
            }
            catch (FormatException exception)
            {
                throw new SetupException("--urls must be addresses such as http://127.0.0.1:5000, separated by ';', without a path.", exception);
            }
        }
    }
}
