using System.Text.RegularExpressions;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Azure;

/// <summary>How a reference's name is spelt in a vault.</summary>
internal static partial class KeyVaultName
{
    /// <summary>Names in a vault have no underscores, environment variables have little else: the one becomes the other.</summary>
    public static string ToWire(string name) => name.Replace('_', '-');

    /// <summary>
    /// Null for what a vault can have, else what is wrong. Checked before a reference is stored and again before every call, since the text
    /// becomes a path: no slash, no dot.
    /// </summary>
    public static string? Check(SecretAddress address) =>
        !Allowed().IsMatch(ToWire(address.Name)) ? "A Key Vault secret's name has 1 to 127 letters, digits and hyphens (an underscore counts as a hyphen)."
        : address.Version is { } version && !Allowed().IsMatch(version) ? "A Key Vault version is the last part of the secret identifier: 32 letters and digits."
        : null;

    // \z, not $: a dollar would let a trailing newline through.
    [GeneratedRegex(@"^[0-9a-zA-Z-]{1,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Allowed();
}
