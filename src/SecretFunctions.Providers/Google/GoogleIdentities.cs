using System.Diagnostics;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using Google.Apis.Util;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>From a connection's <see cref="ProviderAuth"/> to an identity, one case each.</summary>
internal sealed class GoogleIdentities(ProviderHttp http, TimeProvider clock)
{
    public const string KeyField = "serviceAccountKey";

    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const string Override = "google-oauth2";

    /// <summary>Never the <c>token_uri</c> of a key file (<see cref="ServiceAccountKey"/>).</summary>
    private static readonly Uri TokenEndpoint = new("https://oauth2.googleapis.com/token");

    /// <param name="auth">How we get in.</param>
    /// <param name="client">Of the store: tokens are exchanged over it. What the vendor's library asks for goes over clients of its own.</param>
    public GoogleIdentity Create(ProviderAuth auth, StoreClient client) => auth switch
    {
        ProviderAuth.Static secret => FromKey(secret),
        ProviderAuth.Ambient => OfVendor(LoadAmbientAsync),
        ProviderAuth.WorkloadIdentity identity => Federated(identity, client),
        _ => throw new UnreachableException("AuthSchemes names no other."),
    };

    private GoogleIdentity FromKey(ProviderAuth.Static secret)
    {
        var (key, problem) = ServiceAccountKey.Parse(secret.Reveal(KeyField));
        if (key is null)
        {
            // Checked when it was written; a stored one can only have become wrong by our own doing. Said at the first call, as Open does no I/O and has no failures.
            return OfVendor(_ => Task.FromResult<Result<ServiceCredential>>(ProviderFailure.Create(
                ProviderFailure.AuthenticationFailed, $"The service account key cannot be used. {problem}", "Write the key file to this credential again.")));
        }

        var endpoint = http.EndpointOverride(Override) is { } own ? new Uri(own, "/token") : TokenEndpoint;
        var credential = new ServiceAccountCredential(new ServiceAccountCredential.Initializer(key.Email, endpoint.AbsoluteUri)
        {
            Key = key.Key,
            KeyId = key.KeyId,
            Scopes = [Scope],
            Clock = new Clock(clock),
            HttpClientFactory = new GuardedClients(http),
            // The caller retries, for every provider alike.
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
        });
        return OfVendor(_ => Task.FromResult<Result<ServiceCredential>>(credential), key);
    }

    private GoogleIdentity OfVendor(Func<CancellationToken, Task<Result<ServiceCredential>>> load, IDisposable? owned = null)
    {
        var tokens = new VendorTokens(clock, load);
        return new GoogleIdentity(new TokenCache(clock, tokens.RequestAsync), () => tokens.Email, owned);
    }

    private GoogleIdentity Federated(ProviderAuth.WorkloadIdentity identity, StoreClient client)
    {
        var exchange = new GoogleExchange(client, GoogleEndpoints.Of(http), identity, clock);
        return new GoogleIdentity(new TokenCache(clock, exchange.RequestAsync, renewsEarly: true), () => exchange.Name);
    }

    /// <summary>
    /// Google's default credentials, as far as they are a service's: the metadata server, or a file the operator names in
    /// GOOGLE_APPLICATION_CREDENTIALS. Not over the guarded client: the metadata server is link-local plain http, and all
    /// of these addresses come from the platform or the operator, never from a tenant.
    /// </summary>
    private static async Task<Result<ServiceCredential>> LoadAmbientAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await GoogleCredential.GetApplicationDefaultAsync(cancellationToken);
            if (found.CreateScoped(Scope).UnderlyingCredential is ServiceCredential service)
            {
                return service;
            }
        }
        catch (InvalidOperationException)
        {
            return ProviderFailure.Create(
                ProviderFailure.AuthenticationFailed,
                "This service has no identity of its own at Google.",
                "Attach a service account where the service runs, or give the credential a service account key instead of ambient.");
        }

        return ProviderFailure.Create(
            ProviderFailure.AuthenticationFailed,
            "The identity found here is a person's login, not a service's.",
            "Attach a service account where the service runs; a developer's gcloud login is not used.");
    }

    /// <summary>The library's own factory follows redirects and repeats requests.</summary>
    private sealed class GuardedClients(ProviderHttp http) : IHttpClientFactory
    {
        public ConfigurableHttpClient CreateHttpClient(CreateHttpClientArgs args)
        {
            var handler = new ConfigurableMessageHandler(http.CreateHandler()) { FollowRedirect = false, NumTries = 1 };
            var client = new ConfigurableHttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
            foreach (var initializer in args.Initializers)
            {
                initializer.Initialize(client);
            }

            return client;
        }
    }

    private sealed class Clock(TimeProvider time) : IClock
    {
        public DateTime Now => time.GetLocalNow().DateTime;

        public DateTime UtcNow => time.GetUtcNow().UtcDateTime;
    }
}
