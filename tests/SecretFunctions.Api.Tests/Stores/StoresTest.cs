using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>A test against doubles of all six stores, with the service as it really is put together.</summary>
public abstract class StoresTest : IAsyncLifetime
{
    public static TheoryData<string> Providers =>
        ["aws-secrets-manager", "azure-key-vault", "google-secret-manager", "hashicorp-vault", "cyberark-conjur", "1password-connect"];

    /// <summary>Of the service, and of the stores.</summary>
    protected TestClock Clock { get; } = new() { SkipsPausesUpTo = TimeSpan.FromSeconds(5) };

    protected AllStores Stores { get; private set; } = null!;

    protected ApiHost Host { get; private set; } = null!;

    protected HttpClient Operator => Host.Operator;

    public virtual async Task InitializeAsync()
    {
        Stores = await AllStores.StartAsync(Clock);
        Host = await ApiHost.StartAsync(Head.Direct, Clock, Configure, [.. Stores.Settings, .. Settings]);
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Stores.DisposeAsync();
    }

    protected virtual (string Name, string Value)[] Settings => [];

    /// <summary>Replaces parts of the service.</summary>
    protected virtual void Configure(Microsoft.Extensions.DependencyInjection.IServiceCollection services)
    {
    }

    /// <param name="name">By default the provider's.</param>
    /// <param name="change">Done to a credential that works.</param>
    protected Task<Reply> PutCredentialAsync(string provider, Action<JsonObject>? change = null, string? name = null)
    {
        var credential = Stores.Credentials[provider].DeepClone().AsObject();
        change?.Invoke(credential);
        return Operator.PutAsync($"/v1/provider-credentials/{name ?? provider}", credential.ToJsonString());
    }

    /// <summary>A variable that refers to a new secret, and the credential for it where there is none yet.</summary>
    protected async Task ReferAsync(string key, string provider, string value, Action<JsonObject>? change = null)
    {
        if ((await Operator.GetReplyAsync($"/v1/provider-credentials/{provider}")).Status == 404)
        {
            (await PutCredentialAsync(provider, change)).ShouldBe(201);
        }

        var secret = Stores.Put(provider, key.ToLowerInvariant().Replace('_', '-'), value);
        (await PutReferenceAsync(key, provider, secret)).Status.ShouldBeOneOf(200, 201);
    }

    protected Task<Reply> PutReferenceAsync(string key, string credential, string secret, string? version = null, string scope = "organization") =>
        Operator.PutAsync($"/v1/variables/dev/{key}?scope={scope}", Reference(credential, secret, version));

    protected static string Reference(string credential, string secret, string? version = null) => new JsonObject
    {
        ["reference"] = new JsonObject { ["credential"] = credential, ["secret"] = secret, ["version"] = version },
    }.ToJsonString();

    /// <summary>Assigned to the automation <c>crew</c>, which is made where there is none.</summary>
    protected async Task AssignAsync(params string[] keys)
    {
        (await Operator.PutAsync("/v1/automations/crew", """{"project":"default"}""")).Status.ShouldBeOneOf(200, 201);
        await Operator.AssignAsync("crew", "dev", keys);
    }

    protected Task<Reply> ResolveAsync(string more = "", HttpClient? client = null) =>
        (client ?? Operator).PostAsync("/v1/resolve", $$"""{"automation":"crew"{{more}}}""");

    /// <summary>What a resolve hands out, as <c>KEY=value</c>.</summary>
    protected async Task<string> ResolvedAsync(string more = "", HttpClient? client = null) =>
        string.Join(' ', (await ResolveAsync(more, client)).ShouldBe(200).Json["variables"]!.AsObject().Select(static pair => $"{pair.Key}={pair.Value}"));

    /// <summary>Waits until so many entries of all credentials are in the store: nobody waits for them to be written.</summary>
    protected async Task KeptAsync(int entries)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await Operator.GetReplyAsync("/v1/cache")).Json["items"]!.AsArray().Sum(static item => (int)item!["entries"]!) != entries)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
