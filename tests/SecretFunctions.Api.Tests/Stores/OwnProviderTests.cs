using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>The recipe of docs/providers/README.md, followed: one class for the provider, one for its store, and a line of registration.</summary>
public sealed class OwnProviderTests
{
    [Fact]
    public async Task A_provider_that_nothing_else_knows_of_is_written_tested_listed_and_resolved()
    {
        await using var host = await ApiHost.StartAsync(Head.Direct, static services => services.AddSingleton(new ProviderCatalog([new ShoutingProvider()])));
        (await host.Operator.PutAsync("/v1/provider-credentials/loud", """{"provider":"shouting","suffix":1,"auth":{"type":"static","pin":"1"}}"""))
            .ShouldBeProblem(400, "credential.invalid").Errors.ShouldBe(["credential.field_invalid suffix"]);
        (await host.Operator.PutAsync("/v1/provider-credentials/loud", """{"provider":"shouting","suffix":"!","auth":{"type":"static","pin":"1"}}""")).ShouldBe(201);
        (await host.Operator.PutAsync("/v1/variables/dev/A", """{"reference":{"credential":"loud","secret":"hello"}}""")).ShouldBe(201);
        await host.Operator.AutomationAsync("crew");
        await host.Operator.AssignAsync("crew", "dev", "A");

        (await host.Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("A=HELLO!");
        (await host.Operator.PostAsync("/v1/provider-credentials/loud/test", """{"secret":"hello"}""")).ShouldBe(200).Json["ok"]!.GetValue<bool>().ShouldBeTrue();
        (await host.Operator.GetReplyAsync("/v1/provider-credentials/loud/secrets")).ShouldBe(200).Json["complete"]!.GetValue<bool>().ShouldBeFalse();
    }

    private sealed class ShoutingProvider : ISecretProvider
    {
        public string Name => "shouting";

        public IReadOnlyList<ProviderField> Settings { get; } = [new("suffix", "What comes last.") { Required = false, Default = "" }];

        public IReadOnlyList<AuthScheme> AuthSchemes { get; } = [new(AuthScheme.Static, [new("pin", "Any.")])];

        public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) => [];

        public Failure? ValidateAddress(SecretAddress address) => null;

        public ISecretStore Open(ProviderConnection connection) => new Store(connection.Required("suffix"));

        public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

        private sealed class Store(string suffix) : ISecretStore
        {
            public Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) => Task.FromResult<Result<string?>>((string?)null);

            public Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken) =>
                Task.FromResult<Result<SecretPayload>>(new SecretPayload(new SecretValue(Encoding.UTF8.GetBytes(address.Name.ToUpperInvariant() + suffix)), "1"));

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
