using System.Buffers.Text;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// One of our own tokens on its way to a cloud. What it claims is read, not verified: it tells an admin what the cloud was shown. Whoever
/// exchanges it disposes it.
/// </summary>
internal sealed class SubjectToken : IDisposable
{
    private readonly SecretValue _token;

    private SubjectToken(SecretValue token)
    {
        _token = token;
        (Issuer, Audience, Subject) = ReadClaims(token.Reveal());
    }

    /// <summary>Of the token, as a cloud sees it; null where the token does not say.</summary>
    public string? Issuer { get; }

    public string? Audience { get; }

    public string? Subject { get; }

    public int Length => _token.Reveal().Length;

    /// <summary>A new token for one exchange. That it could not be minted is passed on as it is.</summary>
    public static async Task<Result<SubjectToken>> MintAsync(ProviderAuth.WorkloadIdentity auth, CancellationToken cancellationToken)
    {
        var minted = await auth.Tokens.MintAsync(auth.Target[FederationTarget.Audience], cancellationToken);
        return minted.TryGet(out var token, out var failure) ? new SubjectToken(token) : failure;
    }

    /// <summary>ASCII. Not to be used after this is disposed.</summary>
    public ReadOnlySpan<byte> Reveal() => _token.Reveal();

    /// <summary>A cloud that does not trust the token is told what the token says: it has to be compared with what the cloud was told.</summary>
    public Failure Explain(Failure failure) =>
        failure.Code == ProviderFailure.TrustRejected && Subject is not null
            ? failure with { Detail = $"{failure.Detail} Our token has the issuer {Issuer}, the audience {Audience} and the subject {Subject}." }
            : failure;

    public override string ToString() => "[redacted]";

    public void Dispose() => _token.Dispose();

    private static (string? Issuer, string? Audience, string? Subject) ReadClaims(ReadOnlySpan<byte> token)
    {
        var start = token.IndexOf((byte)'.') + 1;
        var length = token[start..].IndexOf((byte)'.');
        if (start == 0 || length < 0 || !Base64Url.IsValid(token.Slice(start, length)))
        {
            return default;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromUtf8(token.Slice(start, length)));
            return (claims.RootElement.At("iss").AsText(), claims.RootElement.At("aud").AsText(), claims.RootElement.At("sub").AsText());
        }
        catch (JsonException)
        {
            return default; // Its message quotes the token.
        }
    }
}
