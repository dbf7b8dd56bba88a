using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>
/// Google Cloud Secret Manager through its REST interface (v1); credentials come from Google.Apis.Auth.
/// docs/providers/google-secret-manager.md.
/// </summary>
public sealed class GoogleSecretManagerProvider : ISecretProvider
{
    private const string ProjectId = "projectId";
    private const string Location = "location";
    private const string Override = "google-secretmanager";

    private readonly ProviderHttp _http;
    private readonly TimeProvider _clock;
    private readonly Func<ProviderAuth, StoreClient, GoogleIdentity> _identities;

    public GoogleSecretManagerProvider(ProviderHttp http, TimeProvider clock)
        : this(http, clock, new GoogleIdentities(http, clock).Create)
    {
    }

    /// <summary>For tests: an ambient identity needs a machine at Google.</summary>
    internal GoogleSecretManagerProvider(ProviderHttp http, TimeProvider clock, Func<ProviderAuth, StoreClient, GoogleIdentity> identities)
    {
        _http = http;
        _clock = clock;
        _identities = identities;
    }

    public string Name => "google-secret-manager";

    public IReadOnlyList<ProviderField> Settings { get; } =
    [
        new(ProjectId, "The id or number of the project that holds the secrets.") { Check = SecretManagerAddress.CheckProject },
        new(Location, "The region of regional secrets, as in europe-west1; left out for all others.")
        {
            Required = false,
            Check = SecretManagerAddress.CheckLocation,
        },
    ];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } =
    [
        new(AuthScheme.Static,
        [
            new(GoogleIdentities.KeyField, "A service account's key file, as the JSON object it is.")
            {
                Type = FieldType.Object,
                Check = CheckKey,
            },
        ]),
        new(AuthScheme.Ambient, []),
        new(AuthScheme.WorkloadIdentity, []),
    ];

    public FederationTarget Federation => GoogleFederation.Target;

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) => [];

    public Failure? ValidateAddress(SecretAddress address) =>
        SecretManagerAddress.Check(address) is { } problem ? Failure.Invalid(ProviderFailure.InvalidRequest, problem) : null;

    public ISecretStore Open(ProviderConnection connection)
    {
        var place = SecretManagerAddress.Of(
            connection.Required(ProjectId), connection.Optional(Location), _http.EndpointOverride(Override));
        var http = new StoreClient(_http.CreateClient(connection), _clock);
        return new GoogleSecretStore(http, place, _identities(connection.Auth, http));
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    private static string? CheckKey(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        try
        {
            var (key, problem) = ServiceAccountKey.Parse(bytes);
            key?.Dispose();
            return problem;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
