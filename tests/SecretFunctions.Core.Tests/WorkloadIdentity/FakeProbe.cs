using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Core.WorkloadIdentity.Doctor;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>What an instance publishes, seen without a network and as a test wants it.</summary>
internal sealed class FakeProbe(Instance instance) : IIssuerProbe
{
    public IssuerReach Reach { get; set; } = IssuerReach.Public;

    /// <summary>In place of an answer, by what an address ends with.</summary>
    public Dictionary<string, Failure> Fails { get; } = [];

    public int Status { get; set; } = 200;

    public TimeSpan Took { get; set; } = TimeSpan.FromMilliseconds(40);

    /// <summary>How far the clock there is from the instance's.</summary>
    public TimeSpan ClockOff { get; set; }

    /// <summary>Done to the discovery document.</summary>
    public Action<JsonObject> Discovery { get; set; } = static _ => { };

    /// <summary>Done to the keys.</summary>
    public Action<JsonArray> Keys { get; set; } = static _ => { };

    /// <summary>The discovery document's place says this instead.</summary>
    public string? Page { get; set; }

    public List<string> Asked { get; } = [];

    public Task<IssuerReach> GetReachAsync(Uri address, CancellationToken cancellationToken) => Task.FromResult(Reach);

    public async Task<Result<PublishedDocument>> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        Asked.Add(address.AbsoluteUri);
        if (Fails.FirstOrDefault(fault => address.AbsoluteUri.EndsWith(fault.Key, StringComparison.Ordinal)).Value is { } failure)
        {
            return failure;
        }

        var body = address.AbsoluteUri.EndsWith("/openid-configuration", StringComparison.Ordinal) ? Page ?? Describe() : await KeySetAsync(cancellationToken);
        return new PublishedDocument(Status, Encoding.UTF8.GetBytes(body), instance.Clock.GetUtcNow() + ClockOff, Took);
    }

    private string Describe()
    {
        var document = new JsonObject
        {
            ["issuer"] = instance.Issuer.Value,
            ["jwks_uri"] = $"{instance.Issuer.Value}/.well-known/jwks.json",
            ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        };
        Discovery(document);
        return document.ToJsonString();
    }

    private async Task<string> KeySetAsync(CancellationToken cancellationToken)
    {
        var published = (await instance.IssuerKeys.GetPublishedAsync(cancellationToken)).ShouldSucceed();
        var keys = new JsonArray([.. published.Select(static key => new JsonObject { ["kty"] = "RSA", ["kid"] = key.KeyId, ["n"] = key.N, ["e"] = key.E })]);
        Keys(keys);
        return new JsonObject { ["keys"] = keys.DeepClone() }.ToJsonString();
    }
}
