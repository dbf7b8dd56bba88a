using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Azure;

/// <summary>The keys of a <see cref="KeyVaultDouble"/>: read, sign, wrap and unwrap, nothing that would let a private half out.</summary>
public sealed class KeyVaultKeysDouble
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<(string Version, RSA Key)>> _keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _disabled = [];

    /// <summary>Whether the caller may sign; reading stays allowed.</summary>
    public bool RefusesSigning { get; set; }

    /// <summary>Whether the caller may wrap and unwrap.</summary>
    public bool RefusesWrapping { get; set; }

    /// <summary>Creates the key or its next version.</summary>
    /// <returns>The version.</returns>
    public string Add(string name, int bits = 2048)
    {
        var version = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        lock (_gate)
        {
            if (!_keys.TryGetValue(name, out var versions))
            {
                _keys[name] = versions = [];
            }

            versions.Add((version, RSA.Create(bits)));
        }

        return version;
    }

    /// <summary>Disables one version.</summary>
    public void Disable(string version)
    {
        lock (_gate)
        {
            _disabled.Add(version);
        }
    }

    /// <summary>Deletes the key; a new one of its name has other versions.</summary>
    public void Delete(string name)
    {
        lock (_gate)
        {
            _keys.Remove(name);
        }
    }

    internal async Task HandleAsync(HttpContext context, Uri vault, string[] path)
    {
        // As at a real one, an operation without a version is the current one's.
        if (path is [var root, var ofName, "wrapkey" or "unwrapkey" or "sign"])
        {
            path = [root, ofName, Find(ofName, null)?.Version ?? "", path[2]];
        }

        var name = path.ElementAtOrDefault(1) ?? "";
        if (Find(name, path.ElementAtOrDefault(2)) is not var (version, key))
        {
            await AnswerErrorAsync(context, 404, "KeyNotFound", $"A key with (name/id) {name} was not found in this key vault.");
        }
        else if (context.Request.Method == "GET" && path.Length is 2 or 3)
        {
            await context.AnswerAsync(200, Describe(vault, name, version, key));
        }
        else if (context.Request.Method == "POST" && path is [_, _, _, "sign"])
        {
            await SignAsync(context, $"{vault}keys/{name}/{version}", key);
        }
        else if (context.Request.Method == "POST" && path is [_, _, _, "wrapkey" or "unwrapkey"])
        {
            await WrapAsync(context, $"{vault}keys/{name}/{version}", path[3] == "wrapkey", key);
        }
        else
        {
            await AnswerErrorAsync(context, 405, "MethodNotAllowed", "Method not allowed.");
        }
    }

    private async Task SignAsync(HttpContext context, string keyId, RSA key)
    {
        if (RefusesSigning)
        {
            await AnswerErrorAsync(context, 403, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac");
            return;
        }

        var request = await JsonNode.ParseAsync(context.Request.Body);
        var digest = Base64Url.DecodeFromChars((string)request!["value"]!);
        if ((string?)request["alg"] != "RS256" || digest.Length != 32)
        {
            await AnswerErrorAsync(context, 400, "BadParameter", "Property alg or value has an invalid value.");
            return;
        }

        byte[] signature;
        lock (_gate)
        {
            signature = key.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        await context.AnswerAsync(200, new JsonObject { ["kid"] = keyId, ["value"] = Base64Url.EncodeToString(signature) });
    }

    private async Task WrapAsync(HttpContext context, string keyId, bool wraps, RSA key)
    {
        bool disabled;
        lock (_gate)
        {
            disabled = _disabled.Contains(keyId[(keyId.LastIndexOf('/') + 1)..]);
        }

        if (RefusesWrapping)
        {
            await AnswerErrorAsync(context, 403, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac");
            return;
        }

        if (disabled)
        {
            await AnswerErrorAsync(context, 403, "Forbidden", $"Operation {(wraps ? "wrapKey" : "unwrapKey")} is not allowed on a disabled key.", "KeyDisabled");
            return;
        }

        var request = await JsonNode.ParseAsync(context.Request.Body);
        try
        {
            var value = (string?)request!["alg"] == "RSA-OAEP-256" ? Base64Url.DecodeFromChars((string)request["value"]!) : throw new CryptographicException();
            byte[] result;
            lock (_gate)
            {
                result = wraps ? key.Encrypt(value, RSAEncryptionPadding.OaepSHA256) : key.Decrypt(value, RSAEncryptionPadding.OaepSHA256);
            }

            await context.AnswerAsync(200, new JsonObject { ["kid"] = keyId, ["value"] = Base64Url.EncodeToString(result) });
        }
        catch (CryptographicException)
        {
            await AnswerErrorAsync(context, 400, "BadParameter", "The parameter is incorrect.");
        }
    }

    private (string Version, RSA Key)? Find(string name, string? version)
    {
        lock (_gate)
        {
            var versions = _keys.GetValueOrDefault(name) ?? [];
            var index = version is null ? versions.Count - 1 : versions.FindIndex(candidate => candidate.Version == version);
            return index < 0 ? null : versions[index];
        }
    }

    private static JsonObject Describe(Uri vault, string name, string version, RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["key"] = new JsonObject
            {
                ["kid"] = $"{vault}keys/{name}/{version}",
                ["kty"] = "RSA",
                ["key_ops"] = new JsonArray("sign", "verify", "wrapKey", "unwrapKey"),
                ["n"] = Base64Url.EncodeToString(parameters.Modulus),
                ["e"] = Base64Url.EncodeToString(parameters.Exponent),
            },
            ["attributes"] = new JsonObject { ["enabled"] = true },
        };
    }

    private static Task AnswerErrorAsync(HttpContext context, int status, string code, string message, string? inner = null) =>
        context.AnswerAsync(status, JsonNode.Parse(KeyVaultDouble.ErrorBody(code, message, inner))!.AsObject());
}
