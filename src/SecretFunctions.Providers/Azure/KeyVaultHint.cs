using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Providers.Azure;

/// <summary>A secret of one vault changed.</summary>
/// <param name="Vault">The vault's host (and port, where it has one of its own), or its name alone.</param>
/// <param name="Name">As the vault spells it; null for the vault as such.</param>
internal sealed record KeyVaultHint(string Vault, string? Name) : RotationHint("azure-key-vault")
{
    public override bool ConcernsStore(IReadOnlyDictionary<string, string> settings) =>
        settings.TryGetValue("vaultUrl", out var url)
        && Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Authority.Equals(Vault, StringComparison.OrdinalIgnoreCase) || address.Host.Split('.')[0].Equals(Vault, StringComparison.OrdinalIgnoreCase));

    public override bool ConcernsSecret(SecretAddress address) => KeyVaultName.ToWire(address.Name).Equals(Name, StringComparison.OrdinalIgnoreCase);
}
