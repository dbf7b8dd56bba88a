using System.Text.Unicode;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Providers;

/// <summary>What most stores keep: text, or a JSON document one field of which is meant.</summary>
public static class Payloads
{
    /// <summary>What <see cref="ISecretProvider.Select"/> does for a store without fields of its own. The result is a copy, the caller's to dispose.</summary>
    public static Result<SecretValue> Select(SecretPayload payload, string? selector)
    {
        ArgumentNullException.ThrowIfNull(payload);
        var bytes = payload.Value.Reveal();
        if (selector is null)
        {
            // A variable is a string; bytes that are none would arrive changed, which is worse than not at all.
            return Utf8.IsValid(bytes)
                ? new SecretValue(bytes)
                : ProviderFailure.Create(
                    ProviderFailure.NotText,
                    "The secret is not UTF-8 text.",
                    "Store binary secrets as base64 text, and decode it where it is used.");
        }

        return JsonFieldSelector.TryParse(selector, out var field)
            ? field.Extract(bytes)
            : ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                "The reference's selector is not a field name or JSON Pointer.",
                "Write name#key for a field of a JSON object, or name#/a/b/0 with ~0 for ~ and ~1 for / (RFC 6901).");
    }
}
