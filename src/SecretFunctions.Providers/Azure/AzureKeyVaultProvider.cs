using System.Text.RegularExpressions;
using Azure.Core;
using SecretFunctions.Core;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>
/// Azure Key Vault through its REST interface; ambient credentials come from Azure.Identity. Not the vendor's client: it takes what
/// a token is for from the host's challenge, makes strings of values, and speaks https only. docs/providers/azure-key-vault.md.
/// </summary>
public sealed partial class AzureKeyVaultProvider : ISecretProvider
{
    internal const string Cloud = "azure";

    private const string VaultUrl = "vaultUrl";

    private readonly ProviderHttp _http;
    private readonly TimeProvider _clock;
    private readonly AzureIdentities _identities;

    public AzureKeyVaultProvider(ProviderHttp http, TimeProvider clock)
        : this(http, clock, AzureIdentities.ServiceIdentity)
    {
    }

    /// <summary>For tests: an ambient identity needs a machine in Azure.</summary>
    internal AzureKeyVaultProvider(ProviderHttp http, TimeProvider clock, Func<Uri, TokenCredential> ambient)
    {
        _http = http;
        _clock = clock;
        _identities = new AzureIdentities(http, clock, ambient);
        Settings =
        [
            new(VaultUrl, "The vault's address, as in https://my-vault.vault.azure.net.")
            {
                Type = FieldType.Url,
                Check = text => AzureCloud.CheckVaultUrl(text, http),
            },
        ];
    }

    public string Name => "azure-key-vault";

    public IReadOnlyList<ProviderField> Settings { get; }

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } =
    [
        new(AuthScheme.Static,
        [
            new(AzureIdentities.TenantId, "The directory (tenant) id of the app registration.") { Check = CheckIdentifier },
            new(AzureIdentities.ClientId, "The application (client) id of the app registration.") { Check = CheckIdentifier },
            new(AzureIdentities.ClientSecret, "A client secret's value (not its id)."),
        ]),
        new(AuthScheme.Ambient, []),
        new(AuthScheme.WorkloadIdentity, []),
    ];

    public FederationTarget Federation { get; } = new(
        Cloud,
        [
            new(AzureIdentities.TenantId, "The directory (tenant) id of the application to become.") { Check = CheckGuid },
            new(AzureIdentities.ClientId, "The application (client) id of an app registration or managed identity with a federated credential.") { Check = CheckGuid },
        ],
        static _ => "api://AzureADTokenExchange")
    {
        // Subjects are compared exactly, and an application has at most 20 federated credentials: one for each automation is too many.
        DefaultSubjectScope = SubjectScope.Environment,
        MaxSubjectLength = 600,
        DisplayName = "Entra ID",
        PropagationCodes = EntraFailures.Propagating,
    };

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) => [];

    public Failure? ValidateAddress(SecretAddress address) =>
        KeyVaultName.Check(address) is { } problem ? Failure.Invalid(ProviderFailure.InvalidRequest, problem) : null;

    public ISecretStore Open(ProviderConnection connection)
    {
        var vault = new Uri(connection.Required(VaultUrl));
        // A host that only the operator's word makes a vault gets tokens of the public cloud, unless "entra" is overridden too.
        var cloud = AzureCloud.Of(vault.IdnHost) ?? AzureCloud.Public;
        var http = new StoreClient(_http.CreateClient(connection), _clock);
        return new KeyVaultStore(new KeyVaultClient(http, vault, _identities.Create(connection.Auth, cloud, http)), _clock);
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    // The tenant becomes part of the token endpoint's path.
    private static string? CheckIdentifier(string text) =>
        Identifier().IsMatch(text) ? null : "Write the id from the app registration's overview: letters, digits, hyphens and dots.";

    private static string? CheckGuid(string text) =>
        Guid.TryParseExact(text, "D", out _) ? null : "Write the id as the overview page of the app registration shows it: 00000000-0000-0000-0000-000000000000.";

    [GeneratedRegex(@"^[0-9a-zA-Z][0-9a-zA-Z.-]{0,252}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
