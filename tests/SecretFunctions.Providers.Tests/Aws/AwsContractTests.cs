using Microsoft.Extensions.Logging;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.Aws;

public sealed class AwsContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await AwsFixture.StartAsync(logs, clock);
}
