using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>A 1Password Connect server, self-hosted. docs/providers/1password-connect.md.</summary>
public sealed class OnePasswordConnectProvider(ProviderHttp http, TimeProvider time) : ISecretProvider
{
    internal const string Address = "address";
    internal const string Vault = "vault";
    internal const string Token = "token";

    public string Name => "1password-connect";

    public IReadOnlyList<ProviderField> Settings { get; } =
    [
        new(Address, "The address of the Connect server, without /v1.")
        {
            Type = FieldType.Url,
            Check = text => StoreAddress.Check(text, http),
        },
        new(Vault, "The vault's id or title.") { Check = CheckName },
    ];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } =
        [new(AuthScheme.Static, [new(Token, "A Connect token that has the vault in its scope.") { Check = FieldChecks.Token }])];

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) => [];

    public Failure? ValidateAddress(SecretAddress address) => ConnectStore.Check(address);

    public ISecretStore Open(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new ConnectStore(new ConnectClient(new StoreClient(http.CreateClient(), time) { IsSelfHosted = true }, connection), connection.Required(Vault));
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return ItemFields.Select(payload.Value, selector);
    }

    private static string? CheckName(string text) =>
        string.IsNullOrWhiteSpace(text) || text.Any(char.IsControl) ? "It is empty, or has a control character." : null;
}
