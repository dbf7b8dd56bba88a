using Microsoft.Extensions.Logging;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.Azure;

public sealed class AzureContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await AzureFixture.StartAsync(clock);
}
