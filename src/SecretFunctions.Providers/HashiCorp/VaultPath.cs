using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>What a secret can be called in a key-value engine.</summary>
internal static class VaultPath
{
    /// <summary>Vault numbers versions from 1, and takes 0 for the current one, which a pin must not mean.</summary>
    private const int LongestVersion = 9;

    public static Failure? Check(SecretAddress address)
    {
        var problem = ProblemWith(address.Name);
        if (problem is not null)
        {
            return ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                $"The secret name {problem}.",
                "Write the path below the mount, without the mount and without \"data/\": team/database.");
        }

        return address.Version is null || IsVersion(address.Version)
            ? null
            : ProviderFailure.Create(
                ProviderFailure.InvalidRequest, "The version is not a version number of Vault's.", "Versions are whole numbers from 1.");
    }

    private static string? ProblemWith(string name) =>
        string.IsNullOrWhiteSpace(name) ? "is empty"
        : name.StartsWith('/') || name.EndsWith('/') || name.Contains("//", StringComparison.Ordinal) ? "has an empty segment"
        : StoreAddress.HasDotSegment(name) ? "has a segment of dots"
        : name.EndsWith('.') ? "ends in a period, which Vault's paths may not"
        : name.Any(char.IsControl) ? "holds a control character"
        : null;

    private static bool IsVersion(string text) =>
        text.Length is > 0 and <= LongestVersion && text[0] != '0' && text.All(char.IsAsciiDigit);
}
