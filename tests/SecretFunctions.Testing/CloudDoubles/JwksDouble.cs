using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>An issuer of tokens with its public keys at every path that ends like a key set's: Entra's, Google's, or anybody's with a discovery document.</summary>
public sealed class JwksDouble(RSA? first = null) : CloudDouble(https: false)
{
    private readonly Dictionary<string, RSA> _keys = new() { ["key-1"] = first ?? RSA.Create(2048) };

    /// <summary>The issuer's private key of that id; made, and published from now on, where there is none.</summary>
    public RSA Key(string id)
    {
        lock (_keys)
        {
            return _keys.TryGetValue(id, out var key) ? key : _keys[id] = RSA.Create(2048);
        }
    }

    /// <summary>A token as this issuer makes it.</summary>
    public string Sign(JsonObject claims, string keyId = "key-1") =>
        TestJwt.Sign(new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = keyId }, claims, Key(keyId));

    protected override async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Record(path);
        if (path.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal))
        {
            var issuer = Address.AbsoluteUri.TrimEnd('/');
            await context.AnswerAsync(200, new JsonObject { ["issuer"] = issuer, ["jwks_uri"] = $"{issuer}/keys" });
        }
        else if (path.EndsWith("/keys", StringComparison.Ordinal) || path.EndsWith("/certs", StringComparison.Ordinal))
        {
            await context.AnswerAsync(200, new JsonObject { ["keys"] = Published() });
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private JsonArray Published()
    {
        lock (_keys)
        {
            return new JsonArray([.. _keys.Select(static key => (JsonNode)Describe(key.Key, key.Value.ExportParameters(includePrivateParameters: false)))]);
        }
    }

    private static JsonObject Describe(string id, RSAParameters key) => new()
    {
        ["kty"] = "RSA",
        ["use"] = "sig",
        ["kid"] = id,
        ["n"] = Base64Url.EncodeToString(key.Modulus),
        ["e"] = Base64Url.EncodeToString(key.Exponent),
    };
}
