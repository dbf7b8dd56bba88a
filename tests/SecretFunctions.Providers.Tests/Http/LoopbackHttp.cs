using SecretFunctions.Providers.Http;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Providers.Tests.Http;

/// <summary>What an operator sets up to reach a store on the same machine, under a certificate authority of their own.</summary>
internal static class LoopbackHttp
{
    public static ProviderHttp Create() => new(new ProviderHttpOptions
    {
        AllowedHosts = { "127.0.0.1" },
        TrustedRootsFile = TestCertificates.RootFile,
    });
}
