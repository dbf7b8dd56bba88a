using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Conjur;

/// <summary>CyberArk Conjur: open source, Enterprise and Secrets Manager SaaS. docs/providers/cyberark-conjur.md.</summary>
public sealed class ConjurProvider(ProviderHttp http, TimeProvider time) : ISecretProvider
{
    internal const string Address = "address";
    internal const string Account = "account";
    internal const string Login = "login";
    internal const string ApiKey = "apiKey";

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
    ];

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) => [];

    public Failure? ValidateAddress(SecretAddress address) => VariableId.Check(address);

    public ISecretStore Open(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new ConjurStore(new ConjurClient(new StoreClient(http.CreateClient(), time) { IsSelfHosted = true }, connection, time), connection.Required(Account));
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    private static string? CheckAccount(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && !StoreAddress.HasDotSegment(text)
            ? null
            : "It is not an account name: letters, digits, and - _ . within.";

    private static string? CheckLogin(string text) =>
        text.Length > 0 && !text.Any(char.IsControl) && !StoreAddress.HasDotSegment(text) ? null : "It is empty, or has a control character or a segment of dots.";
}
