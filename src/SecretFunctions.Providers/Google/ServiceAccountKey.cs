using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Providers.Google;

/// <summary>
/// What we take from a service account's key file: who, and with which key. Nothing that says where to send it (<c>token_uri</c>,
/// <c>universe_domain</c>): the file comes from a tenant, and a loader that honoured those would post a signed assertion
/// to, and fetch from, any address a tenant likes. The same holds for the other types of credential file.
/// </summary>
internal sealed class ServiceAccountKey : IDisposable
{
    private const int LeastBits = 2048;

    private ServiceAccountKey(string email, string? keyId, RSA key)
    {
        Email = email;
        KeyId = keyId;
        Key = key;
    }

    public string Email { get; }

    public string? KeyId { get; }

    /// <summary>The private key; gone with this object.</summary>
    public RSA Key { get; }

    /// <summary>The key, or one sentence on what is wrong that repeats nothing of the file.</summary>
    public static (ServiceAccountKey? Key, string? Problem) Parse(ReadOnlySpan<byte> json)
    {
        ServiceAccountKeyFile? file;
        try
        {
            file = JsonSerializer.Deserialize(json, ServiceAccountKeyJson.Default.ServiceAccountKeyFile);
        }
        catch (JsonException)
        {
            return (null, "It is not the JSON of a key file.");
        }

        return file switch
        {
            not { Type: "service_account" } => (null, "Its type is not \"service_account\"; other kinds of credential file are not taken."),
            { Email: null or "" } => (null, "It has no client_email."),
            { PrivateKey: null or "" } => (null, "It has no private_key."),
            _ => Import(file.Email, file.KeyId, file.PrivateKey),
        };
    }

    public void Dispose() => Key.Dispose();

    private static (ServiceAccountKey? Key, string? Problem) Import(string email, string? keyId, string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            if (rsa.KeySize >= LeastBits)
            {
                return (new ServiceAccountKey(email, keyId, rsa), null);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            return (null, "Its private_key is not an RSA key in PEM form.");
        }

        rsa.Dispose();
        return (null, $"Its private_key has fewer than {LeastBits} bits.");
    }
}

/// <summary>The members we read; whatever else the file says is left where it is.</summary>
internal sealed class ServiceAccountKeyFile
{
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("client_email")]
    public string? Email { get; set; }

    [JsonPropertyName("private_key_id")]
    public string? KeyId { get; set; }

    [JsonPropertyName("private_key")]
    public string? PrivateKey { get; set; }
}

[JsonSerializable(typeof(ServiceAccountKeyFile))]
internal sealed partial class ServiceAccountKeyJson : JsonSerializerContext;
