using System.Globalization;
using System.Net.Http.Headers;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <param name="Sts">The Security Token Service.</param>
/// <param name="IamCredentials">The IAM Service Account Credentials API.</param>
internal sealed record GoogleEndpoints(Uri Sts, Uri IamCredentials)
{
    public static GoogleEndpoints Of(ProviderHttp http) => new(
        http.EndpointOverride("google-sts") ?? new Uri("https://sts.googleapis.com"),
        http.EndpointOverride("google-iamcredentials") ?? new Uri("https://iamcredentials.googleapis.com"));
}

/// <summary>
/// Our own token for a federated one (RFC 8693), and that, where a service account is named, for the service account's. Not by the vendor's client: of
/// what IAM refuses it keeps no reason.
/// </summary>
internal sealed class GoogleExchange(StoreClient http, GoogleEndpoints endpoints, ProviderAuth.WorkloadIdentity identity, TimeProvider clock)
{
    /// <summary>Enough to ask IAM for a service account's token, and for nothing else.</summary>
    private const string IamScope = "https://www.googleapis.com/auth/iam";

    private readonly string _provider = identity.Target[GoogleFederation.ProviderField];
    private readonly string? _account = identity.Target.GetValueOrDefault(GoogleFederation.AccountField);
    private volatile string? _subject;

    /// <summary>The service account; else the pool's principal, once there was a token.</summary>
    public string? Name => _account ?? (_subject is { } subject ? GoogleFederation.Principal(_provider, subject) : null);

    public Task<Result<StoreToken>> RequestAsync(CancellationToken cancellationToken) =>
        SubjectToken.ExchangeAsync(GoogleFederation.Cloud, identity, token => RequestAsync(token, cancellationToken), cancellationToken);

    private async Task<Result<StoreToken>> RequestAsync(SubjectToken token, CancellationToken cancellationToken)
    {
        _subject = token.Subject;
        var exchanged = await ExchangeAsync(token, cancellationToken);
        return _account is not null && exchanged.TryGet(out var federated, out _)
            ? await ImpersonateAsync(federated.Reveal(), _account, cancellationToken)
            : exchanged;
    }

    private async Task<Result<StoreToken>> ExchangeAsync(SubjectToken token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, StoreAddress.Combine(endpoints.Sts.AbsoluteUri, "v1/token"))
        {
            Content = new FormBody()
                .Add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .Add("audience", $"//iam.googleapis.com/{_provider}")
                .Add("scope", _account is null ? GoogleIdentities.Scope : IamScope)
                .Add("requested_token_type", "urn:ietf:params:oauth:token-type:access_token")
                .Add("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
                .Add("subject_token", token.Reveal()),
        };
        var asked = clock.GetUtcNow();
        if (!(await http.SendAsync(request, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return GoogleExchangeFailures.OfExchange(answer);
            }

            using var document = answer.TryParse();
            return document?.RootElement is { } root
                && root.At("access_token").AsText() is { Length: > 0 } access
                && root.At("expires_in").AsInteger() is { } seconds and > 0 and < int.MaxValue
                    ? new StoreToken(access, asked.AddSeconds(seconds) - GoogleIdentity.Margin)
                    : GoogleTokenFailures.Foreign;
        }
    }

    private async Task<Result<StoreToken>> ImpersonateAsync(string federated, string account, CancellationToken cancellationToken)
    {
        const string body = $$"""{"scope":["{{GoogleIdentities.Scope}}"],"lifetime":"3600s"}""";
        var address = StoreAddress.Combine(endpoints.IamCredentials.AbsoluteUri, $"v1/projects/-/serviceAccounts/{account}:generateAccessToken");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", federated);
        if (!(await http.SendAsync(request, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return GoogleExchangeFailures.OfImpersonation(answer, account, GoogleFederation.Principal(_provider, _subject ?? "SUBJECT"));
            }

            using var document = answer.TryParse();
            return document?.RootElement is { } root
                && root.At("accessToken").AsText() is { Length: > 0 } access
                && DateTimeOffset.TryParse(root.At("expireTime").AsText(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end)
                    ? new StoreToken(access, end - GoogleIdentity.Margin)
                    : GoogleTokenFailures.Foreign;
        }
    }
}
