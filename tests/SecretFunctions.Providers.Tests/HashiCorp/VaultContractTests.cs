using Microsoft.Extensions.Logging;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.HashiCorp;

public sealed class KvVersion2WithAppRoleContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await VaultFixture.StartAsync(clock, appRole: true, kvVersion: 2);
}

public sealed class KvVersion1WithTokenContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await VaultFixture.StartAsync(clock, appRole: false, kvVersion: 1);
}
