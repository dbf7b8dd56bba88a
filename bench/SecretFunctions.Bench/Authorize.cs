using BenchmarkDotNet.Attributes;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Bench;

/// <summary>From the token of a known API key to the decision.</summary>
public class Authorize
{
    private Scenario _scenario = null!;

    [GlobalSetup]
    public void Setup() => _scenario = Scenario.Start();

    [GlobalCleanup]
    public void Cleanup() => _scenario.Dispose();

    [Benchmark]
    public async Task<bool> AuthenticateAndAuthorize()
    {
        var recognized = await _scenario.Authenticator.AuthenticateAsync(_scenario.ApiKey, null, address: null, CancellationToken.None);
        return recognized.TryGet(out var session, out _) && Authorizer.CheckResolve(session.Caller, null, null, "prod") is null;
    }
}
