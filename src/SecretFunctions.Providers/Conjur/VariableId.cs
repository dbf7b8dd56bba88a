using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Conjur;

/// <summary>What a variable can be called, and how the API writes it.</summary>
internal static class VariableId
{
    /// <summary>Conjur counts versions from 1; a number has to fit its database's integer.</summary>
    private const int LongestVersion = 9;

    public static Failure? Check(SecretAddress address)
    {
        if (string.IsNullOrWhiteSpace(address.Name) || address.Name.Any(char.IsControl) || StoreAddress.HasDotSegment(address.Name))
        {
            return ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                "The variable id is empty, or has a control character or a segment of dots.",
                "Write the id below the account, without \"account:variable:\": data/vault/safe/database/password.");
        }

        return address.Version is null || IsVersion(address.Version)
            ? null
            : ProviderFailure.Create(
                ProviderFailure.InvalidRequest, "The version is not a version number of Conjur's.", "Versions are whole numbers from 1.");
    }

    /// <summary>As listings and batches write it.</summary>
    public static string Full(string account, string id) => $"{account}:variable:{id}";

    private static bool IsVersion(string text) =>
        text.Length is > 0 and <= LongestVersion && text[0] != '0' && text.All(char.IsAsciiDigit);
}
