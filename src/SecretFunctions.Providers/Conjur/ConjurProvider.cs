using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Conjur;

/// <summary>CyberArk Conjur: open source, Enterprise and Secrets Manager SaaS. docs/providers/cyberark-conjur.md.</summary>
public sealed class ConjurProvider(ProviderHttp http, TimeProvider time) : ISecretProvider
{
    internal const string Cloud = "conjur";

    internal const string Address = "address";
    internal const string Account = "account";
    internal const string Login = "login";
    internal const string ApiKey = "apiKey";
    internal const string ServiceId = "serviceId";

    public string Name => "cyberark-conjur";

    public IReadOnlyList<ProviderField> Settings { get; } =
    [
        new(Address, "The address of Conjur, as in https://conjur.example.com; of the SaaS with /api at its end.")
        {
            Type = FieldType.Url,
            Check = text => StoreAddress.Check(text, http),
        },
        new(Account, "The organization account; conjur on the SaaS.") { Check = CheckAccount },
    ];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } =
    [
        new(AuthScheme.Static,
        [
            new(Login, "The login: host/PATH for a machine identity, or a user's name.") { Check = CheckLogin },
            new(ApiKey, "Its API key.") { Check = FieldChecks.Token },
        ]),
        new(AuthScheme.WorkloadIdentity, []),
    ];

    public FederationTarget Federation { get; } = new(
        Cloud,
        [
            new(Address, "The address of Conjur, the same as in its credentials.") { Type = FieldType.Url, Check = text => StoreAddress.Check(text, http) },
            new(Account, "The organization account; conjur on the SaaS.") { Check = CheckAccount },
            new(ServiceId, "The JWT authenticator's service id: the last part of conjur/authn-jwt/SERVICE.") { Check = CheckService },
        ],
        static target => target[Address])
    {
        DisplayName = "Conjur",
        IsSelfHosted = true,
        MaxSubjectLength = 255, // Conjur names none. The subject becomes part of a host's id, and stays as readable as elsewhere.
    };

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Auth is ProviderAuth.WorkloadIdentity identity ? CheckTogether(identity, connection) : [];
    }

    public Failure? ValidateAddress(SecretAddress address) => VariableId.Check(address);

    public ISecretStore Open(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new ConjurStore(new ConjurClient(new StoreClient(http.CreateClient(connection), time) { IsSelfHosted = true }, connection, time), connection.Required(Account));
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    /// <summary>What of the credential is not as its configuration says.</summary>
    internal static IReadOnlyList<FailureEntry> CheckTogether(ProviderAuth.WorkloadIdentity identity, ProviderConnection connection)
    {
        var errors = new List<FailureEntry>();
        if (FederatedAddress.Check(identity, connection) is { } elsewhere)
        {
            errors.Add(new FailureEntry(ProviderFailure.InvalidRequest, elsewhere) { Field = Address });
        }

        if (identity.Target[Account] != connection.Required(Account))
        {
            errors.Add(new FailureEntry(ProviderFailure.InvalidRequest, "The credential's account is not the configuration's.") { Field = Account });
        }

        return errors;
    }

    private static string? CheckService(string text) =>
        CheckAccount(text) is null ? null : "It is not a service id: letters, digits, and - _ . within, without conjur/authn-jwt/ before it.";

    private static string? CheckAccount(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && !StoreAddress.HasDotSegment(text)
            ? null
            : "It is not an account name: letters, digits, and - _ . within.";

    private static string? CheckLogin(string text) =>
        text.Length > 0 && !text.Any(char.IsControl) && !StoreAddress.HasDotSegment(text) ? null : "It is empty, or has a control character or a segment of dots.";
}
