using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Hosting;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.Oidc;

/// <summary>An instance of the service on a real port, by a clock of the test's. Others may share its data.</summary>
public sealed class LoopbackInstance : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackInstance(WebApplication app)
    {
        _app = app;
        Operator = Client(ApiHost.OperatorKey);
    }

    public string Url => _app.Urls.First();

    /// <summary>The deployment's operator.</summary>
    public HttpClient Operator { get; }

    /// <param name="issuer">Null: the instance's own address.</param>
    /// <param name="settings">Of the section SecretFunctions.</param>
    public static async Task<LoopbackInstance> StartAsync(string data, TestClock clock, string? issuer = null, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Append(("Data", data)).Append(("BootstrapKey", ApiHost.OperatorKey))
            .Select(static setting => KeyValuePair.Create($"{SecretFunctionsOptions.Section}:{setting.Item1}", (string?)setting.Item2))
            .Append(KeyValuePair.Create("urls", (string?)"http://127.0.0.1:0")));
        builder.Services.AddSecretFunctions(builder.Configuration);
        builder.Services.AddSingleton<TimeProvider>(clock);
        var app = builder.Build();
        app.UseSecretFunctions();
        await app.Services.StartSecretFunctionsAsync(CancellationToken.None);
        await app.StartAsync();
        app.Services.GetRequiredService<IssuerAddress>().Announce(issuer ?? app.Urls.First());
        return new LoopbackInstance(app);
    }

    /// <summary>A client with this key.</summary>
    public HttpClient Client(string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    public async Task<string> AutomationKeyAsync(string automation) => await Operator.KeyAsync(new JsonObject
    {
        ["name"] = automation,
        ["principal"] = new JsonObject { ["type"] = "automation", ["name"] = automation },
    }.ToJsonString());

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await _app.DisposeAsync();
    }
}
