using Microsoft.Extensions.Logging;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.Conjur;

public sealed class ConjurContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await ConjurFixture.StartAsync(clock);
}
