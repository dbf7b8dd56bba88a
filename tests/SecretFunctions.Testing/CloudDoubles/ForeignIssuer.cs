using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>
/// A platform that signs tokens for what runs on it, as GitHub Actions, Entra ID and Kubernetes do, independent of the libraries the product uses. By
/// default an issuer of its own address; a token may name any other, whose keys are then at <see cref="KeysAddress"/>.
/// </summary>
public sealed class ForeignIssuer() : CloudDouble(https: false)
{
    public const string Discovery = "/.well-known/openid-configuration";
    public const string Keys = "/keys";

    // One for all doubles of a test run: making one takes longer than most tests.
    private static readonly Lazy<RSA> FirstKey = new(() => RSA.Create(2048));

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AsymmetricAlgorithm> _keys = new() { ["key-1"] = FirstKey.Value };
    private readonly List<JsonObject> _published = [Describe("key-1", FirstKey.Value)];

    public string Name => Address.AbsoluteUri.TrimEnd('/');

    public string KeysAddress => Name + Keys;

    /// <summary>What the discovery document says instead of <see cref="KeysAddress"/>.</summary>
    public string? StatedKeysAddress { get; set; }

    /// <summary>What the discovery document calls itself instead of <see cref="Name"/>.</summary>
    public string? StatedName { get; set; }

    public static RSA RsaKey => FirstKey.Value;

    /// <summary>A new key, published from now on unless it is said otherwise.</summary>
    public void AddKey(string id, AsymmetricAlgorithm key, bool published = true, Action<JsonObject>? alter = null)
    {
        lock (_gate)
        {
            _keys[id] = key;
            if (published)
            {
                var described = Describe(id, key);
                alter?.Invoke(described);
                _published.Add(described);
            }
        }
    }

    /// <summary>No longer published; it still signs.</summary>
    public void Withdraw(string id)
    {
        lock (_gate)
        {
            _published.RemoveAll(key => (string?)key["kid"] == id);
        }
    }

    /// <summary>A token with the usual header, changed as <paramref name="alter"/> says.</summary>
    public string Sign(JsonObject claims, string keyId = "key-1", string algorithm = "RS256", Action<JsonObject>? alter = null)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = keyId };
        alter?.Invoke(header);
        lock (_gate)
        {
            return Sign(header.ToJsonString(), claims.ToJsonString(), algorithm, _keys[keyId]);
        }
    }

    /// <summary>A token of exactly these texts.</summary>
    public static string Sign(string header, string claims, string algorithm, AsymmetricAlgorithm key)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        var signature = key switch
        {
            RSA rsa => rsa.SignData(bytes, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
            ECDsa curve => curve.SignData(bytes, hash),
            _ => throw new ArgumentException("Neither RSA nor a curve.", nameof(key)),
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Encode(string part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part));

    /// <summary>A public key as a JWK (RFC 7517).</summary>
    public static JsonObject Describe(string id, AsymmetricAlgorithm key)
    {
        if (key is RSA rsa)
        {
            var parameters = rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["kid"] = id,
                ["n"] = Base64Url.EncodeToString(parameters.Modulus),
                ["e"] = Base64Url.EncodeToString(parameters.Exponent),
            };
        }

        var point = ((ECDsa)key).ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["kty"] = "EC",
            ["use"] = "sig",
            ["kid"] = id,
            ["crv"] = $"P-{key.KeySize}",
            ["x"] = Base64Url.EncodeToString(point.Q.X),
            ["y"] = Base64Url.EncodeToString(point.Q.Y),
        };
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Record(path);
        if (path == Discovery)
        {
            await context.AnswerAsync(200, new JsonObject { ["issuer"] = StatedName ?? Name, ["jwks_uri"] = StatedKeysAddress ?? KeysAddress });
        }
        else if (path == Keys)
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
        lock (_gate)
        {
            return new JsonArray([.. _published.Select(static key => key.DeepClone())]);
        }
    }
}
