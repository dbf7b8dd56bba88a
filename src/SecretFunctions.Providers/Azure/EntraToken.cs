using System.Buffers.Text;
using System.Text.Json;

namespace SecretFunctions.Providers.Azure;

/// <summary>Who a token is for, so that an admin can find the identity a role has to be granted to.</summary>
internal static class EntraToken
{
    /// <summary>
    /// Null where the token does not tell: access tokens are opaque by contract, so nothing may depend on this. Only the
    /// ids are read; nothing is verified, as nothing is decided by them.
    /// </summary>
    public static string? Describe(string accessToken)
    {
        var parts = accessToken.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            return claims.RootElement.TryGetProperty("appid", out var application) && claims.RootElement.TryGetProperty("oid", out var principal)
                ? $"application {application.GetString()} (object {principal.GetString()})"
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Another kind of token.
            return null;
        }
    }
}
