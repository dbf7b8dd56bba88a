using System.Text.Json;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Vault;

/// <summary><c>tests/vectors/vault.json</c>, which <c>vault.mjs</c> made.</summary>
internal static class VaultVectors
{
    private static readonly JsonElement Document =
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "vault.json")));

    private static readonly Dictionary<int, byte[]> Wrapping = Document.GetProperty("organizationKeys").EnumerateObject()
        .ToDictionary(static key => int.Parse(key.Name, System.Globalization.CultureInfo.InvariantCulture), static key => Bytes(key.Value));

    public static OrganizationKeys Keys { get; } = new(Wrapping, Bytes(Document.GetProperty("identityKey")));

    public static JsonElement Root { get; } = Document.GetProperty("root");

    public static IEnumerable<JsonElement> Cases => Document.GetProperty("cases").EnumerateArray();

    /// <summary>Data keys from an earlier organization key under the newest.</summary>
    public static IEnumerable<JsonElement> Rewraps => Document.GetProperty("rewraps").EnumerateArray();

    public static IEnumerable<JsonElement> RootCases => Root.GetProperty("cases").EnumerateArray();

    public static LocalRootKey RootKey { get; } = new(Bytes(Root.GetProperty("key")));

    /// <summary>The keys up to a version, which is then the current one: what sealed a case.</summary>
    public static OrganizationKeys KeysUpTo(int version) =>
        new(Wrapping.Where(key => key.Key <= version).ToDictionary(), Bytes(Document.GetProperty("identityKey")));

    public static bool Opens(this JsonElement vector) => !vector.TryGetProperty("opens", out var opens) || opens.GetBoolean();

    public static string Name(this JsonElement vector) => vector.GetProperty("name").GetString()!;

    public static byte[] Bytes(this JsonElement vector, string field) => Bytes(vector.GetProperty(field));

    public static SealContext Context(this JsonElement vector) => new(
        vector.GetProperty("organization").GetString()!, vector.GetProperty("subject").GetString()!, vector.GetProperty("version").GetInt32());

    private static byte[] Bytes(JsonElement hex) => Convert.FromHexString(hex.GetString()!);
}
