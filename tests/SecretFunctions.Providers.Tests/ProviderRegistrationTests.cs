using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tests;

public sealed class ProviderRegistrationTests
{
    [Fact]
    public void Every_provider_has_a_name_of_its_own()
    {
        using var http = new ProviderHttp(new ProviderHttpOptions());
        var names = ProviderRegistration.CreateAll(http, TimeProvider.System, NullLoggerFactory.Instance).Select(provider => provider.Name).ToList();
        names.ShouldContain("aws-secrets-manager");
        names.ShouldBeUnique();
    }
}
