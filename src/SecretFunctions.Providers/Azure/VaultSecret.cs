using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>A secret, or one version of it, as a vault describes it; without the value.</summary>
/// <param name="Name">The last part of the identifier, or the one before the version.</param>
/// <param name="Version">Null in a listing of secrets.</param>
/// <param name="Created">In Unix seconds, all that a vault's times tell. So are the others.</param>
internal sealed record VaultSecret(string Name, string? Version, bool Enabled, long? Created, long? NotBefore, long? Expires)
{
    public DateTimeOffset? NotAfter => Expires is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>Null where this is no description of a secret.</summary>
    public static VaultSecret? Parse(JsonElement element)
    {
        if (element.At("id").AsText() is not { } id
            || !Uri.TryCreate(id, UriKind.Absolute, out var uri)
            || uri.AbsolutePath.Split('/') is not ["", "secrets", { Length: > 0 } name, .. var rest]
            || rest.Length > 1)
        {
            return null;
        }

        var attributes = element.At("attributes");
        return new(
            name,
            rest is [{ Length: > 0 } version] ? version : null,
            attributes.At("enabled").ValueKind != JsonValueKind.False,
            attributes.At("created").AsInteger(),
            attributes.At("nbf").AsInteger(),
            attributes.At("exp").AsInteger());
    }

    /// <summary>
    /// Why this must not be used now; null where it may. A vault enforces only <c>enabled</c>: it hands out expired and not yet
    /// valid secrets all the same. Who set those times meant them, so they are enforced here.
    /// </summary>
    public Failure? Refuse(SecretAddress address, TimeProvider clock)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return !Enabled ? KeyVaultFailures.Disabled(address)
            : Expires <= now ? KeyVaultFailures.Expired(address, Expires.Value)
            : NotBefore > now ? KeyVaultFailures.NotYetValid(address, NotBefore.Value)
            : null;
    }
}
