using System.Text;

namespace SecretFunctions.Testing.CloudDoubles.Conjur;

/// <summary>Tokens of eight minutes. Safe for concurrent use.</summary>
internal sealed class ConjurTokens(TimeProvider time)
{
    /// <summary>Every token the double hands out holds this, in base64 as in clear.</summary>
    public const string Payload = "canaryConjurTokenPayload";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Login, DateTimeOffset Until)> _tokens = [];

    /// <summary>How many there ever were.</summary>
    public int Count { get; private set; }

    public string Issue(string login)
    {
        lock (_gate)
        {
            Count++;
            var token = $$"""{"protected":"eyJ9","payload":"{{Payload}}{{Count}}","signature":"c2ln"}""";
            _tokens[Convert.ToBase64String(Encoding.UTF8.GetBytes(token))] = (login, time.GetUtcNow().AddMinutes(8));
            return token;
        }
    }

    public void Revoke()
    {
        lock (_gate)
        {
            _tokens.Clear();
        }
    }

    /// <summary>Whose token a header holds; null where it is nobody's or has ended.</summary>
    public string? Caller(string header)
    {
        const string start = "Token token=\"";
        lock (_gate)
        {
            return header.StartsWith(start, StringComparison.Ordinal) && header.EndsWith('"')
                && _tokens.TryGetValue(header[start.Length..^1], out var token) && time.GetUtcNow() < token.Until ? token.Login : null;
        }
    }
}
