using Microsoft.Extensions.DependencyInjection;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>A test of the API on a fresh deployment. Every class of tests derives twice: once for each head.</summary>
public abstract class ApiTest(Head head) : IAsyncLifetime
{
    protected Head Head { get; } = head;

    protected ApiHost Host { get; private set; } = null!;

    protected HttpClient Operator => Host.Operator;

    public virtual async Task InitializeAsync() => Host = await ApiHost.StartAsync(Head, Configure);

    public virtual async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>Replaces parts of the service.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }
}
