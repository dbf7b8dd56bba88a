using Microsoft.Extensions.Logging;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.Google;

public sealed class GoogleContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await GoogleFixture.StartAsync(clock);
}
