using System.Security.Cryptography;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>The key-value engines of HashiCorp Vault and OpenBao. docs/providers/hashicorp-vault.md.</summary>
public sealed class HashiCorpVaultProvider(ProviderHttp http, TimeProvider time) : ISecretProvider
{
    internal const string Cloud = "vault";

    /// <summary>
    /// Names versions in engines that keep none (<see cref="KvVersion1Store"/>). Of this process alone, so that a version says nothing
    /// about the value to anyone who can guess values.
    /// </summary>
    private readonly byte[] _versionKey = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    public string Name => "hashicorp-vault";

    public IReadOnlyList<ProviderField> Settings { get; } =
    [
        new(VaultSettings.Address, "The address of Vault or OpenBao, as in https://vault.example.com:8200.")
        {
            Type = FieldType.Url,
            Check = text => StoreAddress.Check(text, http),
        },
        new(VaultSettings.Namespace, "The namespace, as in team/prod (Vault Enterprise, OpenBao).") { Required = false, Check = FieldChecks.Path },
        new(VaultSettings.Mount, "Where the key-value engine is mounted.") { Required = false, Default = "secret", Check = FieldChecks.Path },
        new(VaultSettings.KvVersion, "The engine's version: 1 or 2.")
        {
            Required = false,
            Default = "2",
            Type = FieldType.Integer,
            Check = static text => text is "1" or "2" ? null : "It is neither 1 nor 2.",
        },
    ];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } =
    [
        new(AuthScheme.Static, [new(VaultSettings.Token, "A token.") { Check = FieldChecks.Token }]),
        new(AuthScheme.Static,
        [
            new(VaultSettings.RoleId, "The AppRole's role id.") { Check = FieldChecks.Token },
            new(VaultSettings.SecretId, "The AppRole's secret id.") { Check = FieldChecks.Token },
            new(VaultSettings.AuthMount, "Where the AppRole method is mounted.") { Required = false, Default = "approle", Check = FieldChecks.Path },
        ]),
        new(AuthScheme.WorkloadIdentity, []),
    ];

    public FederationTarget Federation { get; } = new(
        Cloud,
        [
            new(VaultSettings.Address, "The address of Vault or OpenBao, the same as in its credentials.")
            {
                Type = FieldType.Url,
                Check = text => StoreAddress.Check(text, http),
            },
            new(VaultSettings.Mount, "Where the JWT method is mounted.") { Required = false, Default = VaultSettings.JwtMount, Check = FieldChecks.Path },
            new(VaultSettings.Role, "The role to log in with, of role_type jwt.") { Check = FieldChecks.Token },
        ],
        static target => target[VaultSettings.Address])
    {
        DisplayName = "Vault",
        IsSelfHosted = true,
        MaxSubjectLength = 255, // Vault names none. The subject becomes an entity alias, and stays as readable as elsewhere.
    };

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Auth is ProviderAuth.WorkloadIdentity identity && FederatedAddress.Check(identity, connection) is { } elsewhere
            ? [new(ProviderFailure.InvalidRequest, elsewhere) { Field = VaultSettings.Address }]
            : [];
    }

    public Failure? ValidateAddress(SecretAddress address) => VaultPath.Check(address);

    public ISecretStore Open(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var client = new VaultClient(new StoreClient(http.CreateClient(connection), time) { IsSelfHosted = true }, connection, time);
        return connection.Required(VaultSettings.KvVersion) == "1"
            ? new KvVersion1Store(client, connection, _versionKey)
            : new KvVersion2Store(client, connection, time);
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);
}
