using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

/// <summary>An application without a secret, a federated credential for each subject, and a vault.</summary>
internal sealed class FederatedAzure : FederatedCloud
{
    private const string ClientId = "00000000-aaaa-bbbb-cccc-000000000001";

    private readonly EntraDouble _entra;
    private readonly KeyVaultDouble _vault;

    public FederatedAzure(TimeProvider clock)
    {
        _entra = new EntraDouble(clock);
        _entra.AddApplication(ClientId);
        _vault = new KeyVaultDouble(_entra, clock);
    }

    public override CloudDouble Exchange => _entra;

    public override CloudDouble Store => _vault;

    public override FederatedTokens Tokens => _entra.Tokens;

    public override IReadOnlyList<string> Subjects => _entra.Subjects;

    public override IReadOnlyList<string> Issued => _entra.Issued;

    public override IReadOnlyList<(string Name, string Value)> Settings => [("Providers:EndpointOverrides:entra", $"{_entra.Address}")];

    public override JsonObject Configuration => new()
    {
        ["cloud"] = "azure",
        ["tenantId"] = _entra.TenantId,
        ["clientId"] = ClientId,
        ["subjectScope"] = "automation", // For this cloud alone it is not the default.
    };

    protected override JsonObject Credential => new() { ["provider"] = "azure-key-vault", ["vaultUrl"] = $"{_vault.Address}" };

    public override void Trust(string issuer, params IReadOnlyList<string> subjects)
    {
        _entra.RemoveFederatedCredentials();
        foreach (var subject in subjects)
        {
            _entra.AddFederatedCredential(ClientId, issuer, subject);
        }
    }

    public override string Put(string name, string value)
    {
        _vault.Put(name, value);
        return name;
    }

    public override void DenyReads(string subject) => _vault.DeniedSubjects.Add(subject);
}
