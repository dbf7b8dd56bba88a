using System.Buffers.Text;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <summary>What a token of ours says, which is no secret: without the signature it gets nobody in.</summary>
public sealed record DecodedToken(JsonElement Header, JsonElement Claims)
{
    public string Issuer => Text(Claims, "iss");

    public string Audience => Text(Claims, "aud");

    public string Subject => Text(Claims, "sub");

    public string Algorithm => Text(Header, "alg");

    public string KeyId => Text(Header, "kid");

    /// <summary>Taken apart as the bytes they are: a text of it could not be cleared.</summary>
    internal static DecodedToken Of(SecretValue token)
    {
        var bytes = token.Reveal();
        var first = bytes.IndexOf((byte)'.');
        var second = first + 1 + bytes[(first + 1)..].IndexOf((byte)'.');
        return new DecodedToken(Parse(bytes[..first]), Parse(bytes[(first + 1)..second]));
    }

    private static JsonElement Parse(ReadOnlySpan<byte> part) =>
        UntrustedJson.TryParseObject(Base64Url.DecodeFromUtf8(part)) ?? throw new InvalidOperationException("Our own token is no token.");

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

/// <summary>
/// The tokens of one test: the first is minted ahead, to be looked at, and is the one that is exchanged first. None is handed out that is not
/// recorded.
/// </summary>
internal sealed class TestedTokens(ISubjectTokenSource source, Func<DecodedToken, Task> record) : ISubjectTokenSource, IDisposable
{
    private SecretValue? _ahead;

    /// <summary>The last one that was minted.</summary>
    public DecodedToken? Last { get; private set; }

    /// <summary>Null where there is one now.</summary>
    public async Task<Failure?> MintAheadAsync(string audience, CancellationToken cancellationToken)
    {
        if (!(await MintNewAsync(audience, cancellationToken)).TryGet(out var token, out var failure))
        {
            return failure;
        }

        _ahead = token;
        return null;
    }

    public async Task<Result<SecretValue>> MintAsync(string audience, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _ahead, null) is { } token ? token : await MintNewAsync(audience, cancellationToken);

    public void Dispose() => Interlocked.Exchange(ref _ahead, null)?.Dispose();

    private async Task<Result<SecretValue>> MintNewAsync(string audience, CancellationToken cancellationToken)
    {
        if (!(await source.MintAsync(audience, cancellationToken)).TryGet(out var token, out var failure))
        {
            return failure;
        }

        var recorded = false;
        try
        {
            var decoded = DecodedToken.Of(token);
            await record(decoded);
            Last = decoded;
            recorded = true;
            return token;
        }
        finally
        {
            if (!recorded)
            {
                token.Dispose();
            }
        }
    }
}
