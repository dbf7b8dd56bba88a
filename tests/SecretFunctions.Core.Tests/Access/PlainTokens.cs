using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Tests.Access;

/// <summary>Issuers without cryptography: what is signed with the word <c>genuine</c> is theirs.</summary>
internal sealed class PlainTokens : ITokenVerifier
{
    private static readonly string Genuine = Base64Url.EncodeToString("genuine"u8);

    /// <summary>How often a signature was checked.</summary>
    public int Verified { get; private set; }

    public static string Sign(JsonObject claims) => $"{Encode("""{"alg":"none"}""")}.{Encode(claims.ToJsonString())}.{Genuine}";

    public Task<Result<VerifiedToken>> VerifyAsync(string token, TokenTrust trust, CancellationToken cancellationToken)
    {
        Verified++;
        var parsed = CompactToken.TryParse(token).ShouldNotBeNull();
        return Task.FromResult<Result<VerifiedToken>>(token.EndsWith(Genuine, StringComparison.Ordinal) && trust.Issuers.Contains(parsed.Claims.GetProperty("iss").GetString())
            ? new VerifiedToken(parsed.Claims)
            : new Failure(FailureKind.Unauthenticated, "token.signature", "Not genuine."));
    }

    public string? CheckAddress(Uri address) => null;

    private static string Encode(string part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part));
}
