using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>Requests to one Connect server under one token. Safe for concurrent use.</summary>
internal sealed class ConnectClient
{
    private readonly StoreClient _http;
    private readonly string _address;
    private readonly ProviderAuth.Static _auth;

    public ConnectClient(StoreClient http, ProviderConnection connection)
    {
        _http = http;
        _address = connection.Required(OnePasswordConnectProvider.Address);
        _auth = connection.Auth as ProviderAuth.Static
            ?? throw new ArgumentException($"1password-connect has no {connection.Auth.GetType().Name} authentication.", nameof(connection));
    }

    /// <summary>A successful answer; the failure describes <paramref name="what"/> by <paramref name="table"/>.</summary>
    public async Task<Result<StoreAnswer>> GetAsync(string path, FailureTable table, string what, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, StoreAddress.Combine(_address, $"v1/{path}"));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Encoding.UTF8.GetString(_auth.Reveal(OnePasswordConnectProvider.Token))}");
        var sent = await _http.SendAsync(request, cancellationToken);
        if (!sent.TryGet(out var answer, out _) || answer.IsSuccess)
        {
            return sent;
        }

        using (answer)
        {
            return table.Explain(what, answer);
        }
    }

    /// <summary>Connect does not tell whose the token is, only whether it is good.</summary>
    public async Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken)
    {
        const string what = "listing the token's vaults";
        if (!(await GetAsync("vaults", ConnectFailures.Vault, what, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure.Code == ProviderFailure.Unreachable && failure.ProviderCode is not null
                ? await ExplainByHealthAsync(failure, cancellationToken)
                : failure;
        }

        using (answer)
        {
            using var document = answer.TryParse();
            return document is { RootElement.ValueKind: System.Text.Json.JsonValueKind.Array }
                ? (string?)null
                : ConnectFailures.Vault.NotUnderstood(what);
        }
    }

    /// <summary>The server answers, but not this: it knows best which of its parts is missing. Needs no token.</summary>
    private async Task<Failure> ExplainByHealthAsync(Failure failure, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, StoreAddress.Combine(_address, "health"));
        if (!(await _http.SendAsync(request, cancellationToken)).TryGet(out var answer, out _))
        {
            return failure;
        }

        using (answer)
        {
            using var document = answer.TryParse();
            var health = document is null ? default : document.RootElement.At("dependencies");
            foreach (var dependency in health.AsItems())
            {
                var (service, status) = (dependency.At("service").AsText() ?? "", dependency.At("status").AsText() ?? "");
                if (ConnectFailures.HintFor(service, status) is { } hint)
                {
                    return failure with { Hint = hint };
                }
            }

            return failure;
        }
    }
}
