using SecretFunctions.Core;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>Entra ID's token endpoint (OAuth 2.0 client credentials, RFC 6749 section 4.4).</summary>
/// <remarks>
/// Without MSAL: it accepts https authorities only, keeps the secret as a string, and hides Entra's reasons in exceptions. What
/// we need of it is one request, whose token <see cref="TokenCache"/> keeps.
/// </remarks>
/// <param name="http">Not owned.</param>
/// <param name="authority">Entra ID's address, ours or the operator's, never a tenant's: the proof goes there.</param>
/// <param name="clock">For the token's end.</param>
internal sealed class EntraClient(StoreClient http, Uri authority, TimeProvider clock)
{
    /// <summary>Clocks differ, and a read begun with a token has to be able to end with it.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <param name="tenant">A directory id or domain; checked when it was written, as it becomes a path.</param>
    /// <param name="form">Who asks, and their proof: a client secret, or a client assertion. Disposed here.</param>
    /// <param name="scope">What the token is for.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<Result<StoreToken>> RequestTokenAsync(string tenant, FormBody form, string scope, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, StoreAddress.Combine(authority.AbsoluteUri, $"{tenant}/oauth2/v2.0/token"))
        {
            Content = form.Add("grant_type", "client_credentials").Add("scope", scope),
        };
        var asked = clock.GetUtcNow();
        var sent = await http.SendAsync(request, cancellationToken);
        if (!sent.TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return EntraFailures.From(answer);
            }

            using var document = answer.TryParse();
            return document?.RootElement is { } root
                && root.At("access_token").AsText() is { Length: > 0 } token
                && root.At("expires_in").AsInteger() is { } seconds and > 0 and < int.MaxValue
                    ? new StoreToken(token, asked.AddSeconds(seconds) - Margin)
                    : EntraFailures.Foreign;
        }
    }
}
