using System.Globalization;
using System.Security.Cryptography;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Azure;

/// <summary>Whose tokens stand in for an application's secret. All of it is compared exactly, and case counts.</summary>
public sealed record EntraFederatedCredential(string ClientId, string Issuer, string Subject, string Audience);

/// <summary>Client assertions: first a federated credential has to match what the token claims, then the token is verified.</summary>
internal sealed class EntraAssertions(FederatedTokens tokens)
{
    private const string Client = "invalid_client";

    public FederatedTokens Tokens => tokens;

    /// <summary>Whether the application signed it with its certificate's key, for Entra ID. The vendor's library writes times as text, and Entra ID takes them.</summary>
    public static bool IsSigned(string assertion, string clientId, RSA key, TimeProvider clock) =>
        TestJwt.Read(assertion) is var (header, claims)
        && (string?)header["alg"] == "PS256" && header["x5t#S256"] is not null && TestJwt.IsSignedBy(assertion, key, RSASignaturePadding.Pss)
        && (string?)claims["iss"] == clientId && (string?)claims["sub"] == clientId
        && ((string?)claims["aud"])?.StartsWith($"https://{EntraDouble.Host}/", StringComparison.Ordinal) == true
        && long.Parse($"{claims["exp"]}", CultureInfo.InvariantCulture) > clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Null where the assertion is good.</summary>
    public async Task<(string Error, int Number, string Text)?> CheckAsync(string assertion, IReadOnlyList<EntraFederatedCredential> trusted)
    {
        tokens.See(assertion);
        var claimed = FederatedTokens.Peek(assertion);
        if (claimed.Flaw == TokenFlaw.Malformed)
        {
            return (Client, 50027, "JWT token is invalid or malformed.");
        }

        if (trusted.Count == 0)
        {
            return (Client, 70025, "The client has no configured federated identity credentials.");
        }

        EntraFederatedCredential[] ofIssuer = [.. trusted.Where(credential => credential.Issuer == claimed.Issuer)];
        if (ofIssuer.Length == 0)
        {
            return (Client, 700211, $"No matching federated identity record found for presented assertion issuer '{claimed.Issuer}'.");
        }

        EntraFederatedCredential[] ofSubject = [.. ofIssuer.Where(credential => credential.Subject == claimed.Subject)];
        if (ofSubject.Length == 0)
        {
            return ofIssuer.Any(credential => string.Equals(credential.Subject, claimed.Subject, StringComparison.OrdinalIgnoreCase))
                ? (Client, 7002138, $"No matching federated identity record found for presented assertion subject '{claimed.Subject}'. The subject matches with case-insensitive comparison.")
                : (Client, 700213, $"No matching federated identity record found for presented assertion subject '{claimed.Subject}'.");
        }

        var credential = Array.Find(ofSubject, credential => credential.Audience == claimed.Audience);
        if (credential is null)
        {
            return (Client, 700212, $"No matching federated identity record found for presented assertion audience '{claimed.Audience}'.");
        }

        var verdict = await tokens.VerifyAsync(assertion, credential.Issuer, [credential.Audience], TokenLeeway.Entra);
        return verdict.Flaw switch
        {
            TokenFlaw.None => null,
            TokenFlaw.Algorithm => (Client, 50027, "JWT token is invalid or malformed."),
            TokenFlaw.Expired or TokenFlaw.NotYetValid => (Client, 700024, "Client assertion is not within its valid time range."),
            _ => (Client, 700027, "Client assertion contains an invalid signature."),
        };
    }
}
