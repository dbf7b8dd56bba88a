using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.HashiCorp;

namespace SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

/// <summary>The JWT method, and a role bound to what all the subjects have in common.</summary>
internal sealed class FederatedVault(TimeProvider clock) : FederatedCloud
{
    private const string Role = "secretfunctions";

    private readonly VaultDouble _vault = new(clock);

    public override CloudDouble Exchange => _vault;

    public override CloudDouble Store => _vault;

    public override FederatedTokens Tokens => _vault.Jwt.Tokens;

    public override IReadOnlyList<string> Subjects => _vault.Jwt.Subjects;

    public override IReadOnlyList<string> Issued => [VaultTokens.IssuedPrefix];

    public override JsonObject Configuration => new() { ["cloud"] = "vault", ["address"] = $"{_vault.Address}", ["mount"] = _vault.Jwt.Mount, ["role"] = Role };

    protected override JsonObject Credential => new()
    {
        ["provider"] = "hashicorp-vault",
        ["address"] = $"{_vault.Address}",
        ["mount"] = _vault.Mount,
        ["kvVersion"] = _vault.KvVersion,
    };

    /// <summary>By the claims that Vault binds: whose organization, project and environment it is.</summary>
    public override void Trust(string issuer, params IReadOnlyList<string> subjects)
    {
        var parts = subjects[0].Split(':');
        _vault.Jwt.Issuer = issuer;
        _vault.Jwt.SetRole(Role, new VaultJwtRole([$"{_vault.Address}"])
        {
            BoundClaims = new Dictionary<string, string> { ["organization"] = parts[1], ["project"] = parts[3], ["environment"] = parts[5] },
        });
    }

    public override string Put(string name, string value)
    {
        _vault.Kv.Put(name, new JsonObject { ["value"] = value }.ToJsonString());
        return $"{name}#value";
    }

    public override void DenyReads(string subject) => _vault.DeniedNames.Add(_vault.Jwt.DisplayName(subject));
}
