using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Conjur;

/// <summary>Requests to one Conjur under one identity. Logs in when it has to. Safe for concurrent use.</summary>
internal sealed class ConjurClient
{
    /// <summary>Tokens live eight minutes; two are left for clocks that differ and for requests under way.</summary>
    private static readonly TimeSpan TokenUse = TimeSpan.FromMinutes(6);

    private readonly StoreClient _http;
    private readonly ProviderConnection _connection;
    private readonly TimeProvider _time;
    private readonly TokenCache _tokens;

    public ConjurClient(StoreClient http, ProviderConnection connection, TimeProvider time)
    {
        _http = http;
        _connection = connection;
        _time = time;
        _tokens = connection.Auth switch
        {
            ProviderAuth.Static fields => new TokenCache(time, cancellationToken => LogInAsync(fields, cancellationToken)),
            ProviderAuth.WorkloadIdentity identity => new TokenCache(time, cancellationToken => LogInAsync(identity, cancellationToken), renewsEarly: true),
            var other => throw new ArgumentException($"cyberark-conjur has no {other.GetType().Name} authentication.", nameof(connection)),
        };
    }

    /// <summary>A GET under our token. Any answer is a success here.</summary>
    public Task<Result<StoreAnswer>> GetAsync(string path, CancellationToken cancellationToken, bool inBase64 = false) =>
        _tokens.SendAsync(
            _http,
            token =>
            {
                var request = Request(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("Authorization", $"Token token=\"{token}\"");
                if (inBase64)
                {
                    // Batches compare the whole header: nothing else may be in it, gzip least of all.
                    request.Headers.AcceptEncoding.Add(new("base64"));
                }

                return request;
            },
            static answer => answer.Status == 401,
            canRenew: true,
            cancellationToken);

    public async Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken)
    {
        const string what = "asking who we are";
        if (!(await GetAsync("whoami", cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (answer.Status == 404)
            {
                return (string?)null; // Older servers do not tell; the login before it succeeded.
            }

            if (!answer.IsSuccess)
            {
                return ConjurFailures.Explain(ConjurFailures.Identity, what, answer);
            }

            using var document = answer.TryParse();
            return document is null ? ConjurFailures.Identity.NotUnderstood(what) : document.RootElement.At("username").AsText();
        }
    }

    private async Task<Result<StoreToken>> LogInAsync(ProviderAuth.Static fields, CancellationToken cancellationToken)
    {
        var account = Uri.EscapeDataString(_connection.Required(ConjurProvider.Account));
        var login = Uri.EscapeDataString(Encoding.UTF8.GetString(fields.Reveal(ConjurProvider.Login)));
        var key = fields.Reveal(ConjurProvider.ApiKey).ToArray();
        using var proof = new ByteArrayContent(key) { Headers = { ContentType = new("text/plain") } };
        try
        {
            return await AuthenticateAsync($"authn/{account}/{login}/authenticate", proof, "the login", ConjurFailures.Login, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private async Task<Result<StoreToken>> LogInAsync(ProviderAuth.WorkloadIdentity identity, CancellationToken cancellationToken)
    {
        // Checked when it was written; the configuration may have been changed since, and the token is for its address and no other.
        if (ConjurProvider.CheckTogether(identity, _connection) is [var elsewhere, ..])
        {
            return ProviderFailure.Create(
                ProviderFailure.InvalidRequest, elsewhere.Detail, "Correct address and account of the credential or of the configuration.");
        }

        return await SubjectToken.ExchangeAsync(ConjurProvider.Cloud, identity, token => ExchangeAsync(identity, token, cancellationToken), cancellationToken);
    }

    private async Task<Result<StoreToken>> ExchangeAsync(ProviderAuth.WorkloadIdentity identity, SubjectToken token, CancellationToken cancellationToken)
    {
        var service = identity.Target[ConjurProvider.ServiceId];
        var path = $"authn-jwt/{Uri.EscapeDataString(service)}/{Uri.EscapeDataString(identity.Target[ConjurProvider.Account])}/authenticate";
        using var proof = new FormBody().Add("jwt", token.Reveal());
        return await AuthenticateAsync(path, proof, $"the login at authn-jwt/{service}", ConjurFailures.JwtLogin, cancellationToken);
    }

    private async Task<Result<StoreToken>> AuthenticateAsync(
        string path, HttpContent proof, string what, FailureTable failures, CancellationToken cancellationToken)
    {
        var asked = _time.GetUtcNow();
        using var request = Request(HttpMethod.Post, path);
        request.Content = proof;
        if (!(await _http.SendAsync(request, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return ConjurFailures.Explain(failures, what, answer);
            }

            using var document = answer.TryParse();
            return document is not null && document.RootElement.At("payload").AsText() is { Length: > 0 }
                ? new StoreToken(Convert.ToBase64String(answer.Body.Span), asked + TokenUse)
                : failures.NotUnderstood(what);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, StoreAddress.Combine(_connection.Required(ConjurProvider.Address), path));
}
