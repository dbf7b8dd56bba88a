using Microsoft.Extensions.Logging;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.OnePassword;

namespace SecretFunctions.Providers.Tests.OnePassword;

public sealed class ConnectByVaultTitleContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await ConnectFixture.StartAsync(clock);
}

public sealed class ConnectByVaultIdContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock) =>
        await ConnectFixture.StartAsync(clock, ConnectDouble.VaultId);
}
