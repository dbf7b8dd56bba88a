using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>A store in memory beside the real ones, which takes our tokens.</summary>
internal static class FakeCloud
{
    public static FakeProvider Provider() => new("fake", FakeAbilities.Versions | FakeAbilities.Lists, "address") { Federation = FakeProvider.Cloud() };

    public static void AddFakeCloud(this IServiceCollection services, FakeProvider fake) => services.AddSingleton(provider => new ProviderCatalog(
    [
        .. ProviderRegistration.CreateAll(provider.GetRequiredService<ProviderHttp>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()),
        fake,
    ]));
}
