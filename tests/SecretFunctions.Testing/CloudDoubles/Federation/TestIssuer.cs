using System.Security.Cryptography;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Testing.CloudDoubles.Federation;

/// <summary>
/// An OIDC issuer on loopback, with a discovery document, a key set and a token for everything: what the service's own issuer is to a cloud, and
/// what somebody would be who pretends to be it.
/// </summary>
public sealed class TestIssuer(TimeProvider clock) : IAsyncDisposable
{
    // Keys take longer to make than most tests.
    private static readonly Lazy<RSA> Own = new(() => RSA.Create(2048));

    /// <summary>The server with its keys; it counts what was fetched, and its <see cref="CloudDouble.Faults"/> are the issuer's.</summary>
    public JwksDouble Server { get; } = new(Own.Value);

    public TimeProvider Clock => clock;

    /// <summary>The claim <c>iss</c>: an address without a slash at its end.</summary>
    public string Issuer => Server.Address.AbsoluteUri.TrimEnd('/');

    /// <summary>Every token there ever was, which no log may hold.</summary>
    public IReadOnlyList<string> Minted => Mint.All;

    internal TestTokenMint Mint { get; } = new();

    public Task StartAsync() => Server.StartAsync();

    /// <summary>What a store is given to be of this subject.</summary>
    public TestTokens For(string subject) => new(this, subject);

    public TestTokens For(TokenSubject subject) => For(subject.ToString());

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>Every token of one issuer. Safe for concurrent use.</summary>
internal sealed class TestTokenMint
{
    private readonly Lock _gate = new();
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _all];
            }
        }
    }

    public string Keep(string token)
    {
        lock (_gate)
        {
            _all.Add(token);
        }

        return token;
    }
}
