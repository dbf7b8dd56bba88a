using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>Requests to one Vault under one identity. Logs in when it has to. Safe for concurrent use.</summary>
internal sealed class VaultClient
{
    private readonly StoreClient _http;
    private readonly ProviderConnection _connection;
    private readonly VaultLogin _login;
    private readonly TokenCache _tokens;

    public VaultClient(StoreClient http, ProviderConnection connection, TimeProvider time)
    {
        _http = http;
        _connection = connection;
        _login = VaultLogin.For(connection, this, time);
        _tokens = new TokenCache(time, _login.LogInAsync, _login.RenewsEarly);
    }

    /// <summary>A GET under our token, of an escaped path below <c>/v1/</c>. Any answer is a success here.</summary>
    public Task<Result<StoreAnswer>> GetAsync(string path, CancellationToken cancellationToken) =>
        _tokens.SendAsync(
            _http,
            token =>
            {
                var request = Request(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("X-Vault-Token", token);
                return request;
            },
            VaultFailures.IsInvalidToken,
            _login.CanRenew,
            cancellationToken);

    /// <summary>A login: without a token, but in the same namespace.</summary>
    public async Task<Result<StoreAnswer>> PostAsync(string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, path);
        request.Content = new ReadOnlyMemoryContent(json);
        request.Content.Headers.ContentType = new("application/json");
        return await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>Logs in if need be, and asks Vault who we are.</summary>
    public async Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken)
    {
        const string what = "looking up our own token";
        if (!(await GetAsync("auth/token/lookup-self", cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (answer.IsSuccess)
            {
                using var document = answer.TryParse();
                return document is null
                    ? VaultFailures.Token.NotUnderstood(what)
                    : document.RootElement.At("data", "display_name").AsText();
            }

            // A policy that leaves out lookup-self takes nothing from a login that Vault has just accepted.
            return answer.Status == 403 && _login.CanRenew && !VaultFailures.IsInvalidToken(answer)
                ? (string?)null
                : VaultFailures.Token.Explain(what, answer, VaultFailures.MessageOf(answer));
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, StoreAddress.Combine(_connection.Required(VaultSettings.Address), $"v1/{path}"));
        request.Headers.Add("X-Vault-Request", "true"); // Agents and proxies may demand it, against forged requests from a browser.
        if (_connection.Optional(VaultSettings.Namespace)?.Trim('/') is { Length: > 0 } @namespace)
        {
            request.Headers.TryAddWithoutValidation("X-Vault-Namespace", $"{@namespace}/");
        }

        return request;
    }
}
