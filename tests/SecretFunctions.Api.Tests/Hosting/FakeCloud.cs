using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.WorkloadIdentity.Doctor;
using SecretFunctions.Providers;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>A store in memory beside the real ones, which takes our tokens.</summary>
internal static class FakeCloud
{
    public static FakeProvider Provider() => new("fake", FakeAbilities.Versions | FakeAbilities.Lists, "address") { Federation = FakeProvider.Cloud() };

    public static void AddFakeCloud(this IServiceCollection services, FakeProvider fake)
    {
        services.AddSingleton(provider => new ProviderCatalog(
        [
            .. ProviderRegistration.CreateAll(provider.GetRequiredService<ProviderHttp>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()),
            fake,
        ]));
        services.AddSingleton<IIssuerProbe, NoNetwork>();
    }

    /// <summary>Tests need no name server.</summary>
    private sealed class NoNetwork : IIssuerProbe
    {
        public Task<IssuerReach> GetReachAsync(Uri address, CancellationToken cancellationToken) => Task.FromResult(IssuerReach.Nowhere);

        public Task<Result<PublishedDocument>> GetAsync(Uri address, CancellationToken cancellationToken) => Task.FromResult<Result<PublishedDocument>>(
            new Failure(FailureKind.Unresolved, IIssuerProbe.Unreachable, "There is no network here.") { Hint = "Leave it so." });
    }
}
