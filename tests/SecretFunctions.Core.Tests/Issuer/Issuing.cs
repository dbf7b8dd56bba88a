using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Issuer;

/// <summary>What tests of the issuer set up and look at.</summary>
internal static class Issuing
{
    public const string Address = "https://secrets.example.com";

    public static readonly TokenSubject Crew = new("acme", "web", "prod", "crew");

    private static CancellationToken None => CancellationToken.None;

    public static async Task<Instance> StartAsync(TimeSpan? window = null)
    {
        var instance = await Instance.StartAsync(window: window);
        instance.Issuer.Announce(Address);
        return instance;
    }

    /// <summary>Another instance on the same store and clock.</summary>
    public static async Task<Instance> AnotherAsync(this Instance instance)
    {
        var another = await instance.SecondAsync();
        another.Issuer.Announce(Address);
        return another;
    }

    public static Task<string> MintAsync(this Instance instance, TokenRequest? request = null) => instance.Tokens.TextAsync(request);

    public static async Task<string> TextAsync(this TokenIssuer issuer, TokenRequest? request = null)
    {
        using var issued = (await issuer.MintAsync(request ?? new TokenRequest(Crew, "sts.amazonaws.com"), None)).ShouldSucceed();
        return Encoding.ASCII.GetString(issued.Token.Reveal());
    }

    /// <summary>Ids of the published keys, oldest first.</summary>
    public static async Task<string[]> PublishedAsync(this Instance instance) =>
        [.. (await instance.IssuerKeys.GetPublishedAsync(None)).ShouldSucceed().Select(static key => key.KeyId)];

    /// <summary>As a cloud does, which has nothing but what is published now.</summary>
    public static Task ShouldVerifyAsync(this Instance instance, string token) => instance.IssuerKeys.ShouldVerifyAsync(token);

    public static async Task ShouldVerifyAsync(this IssuerKeys keys, string token)
    {
        var published = (await keys.GetPublishedAsync(None)).ShouldSucceed();
        var key = published.SingleOrDefault(key => key.KeyId == KeyId(token)).ShouldNotBeNull($"{KeyId(token)} is not published");
        key.Verifies(SHA256.HashData(Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')])), Base64Url.DecodeFromChars(token.Split('.')[2])).ShouldBeTrue();
    }

    public static string KeyId(string token) => Header(token).GetProperty("kid").GetString()!;

    public static JsonElement Header(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]));

    public static JsonElement Claims(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));

    public static async Task<SigningKeyState[]> StatesAsync(this Instance instance) =>
        [.. (await instance.SigningKeys.ReportAsync(None)).Keys.Select(static key => key.State)];

    public static async Task<Stored<StoredKeyRing>> RingAsync(this Instance instance) =>
        (await instance.Shared.GetAsync(Rows.Deployment, Rows.SigningKeys, StoredJson.Default.StoredKeyRing, None)).ShouldNotBeNull();

    public static async Task WriteRingAsync(this Instance instance, StoredKeyRing ring) =>
        (await instance.Shared.WriteAsync(Rows.Deployment, [EntityWrite.Upsert(Rows.SigningKeys, Documents.Serialize(ring, StoredJson.Default.StoredKeyRing))], None)).Applied.ShouldBeTrue();

    /// <summary>What the deployment's own log says of its keys, oldest first.</summary>
    public static async Task<string[]> KeyEventsAsync(this Instance instance) =>
    [
        .. (await instance.AuditEventsAsync(Rows.Deployment)).Select(static entry => entry.GetProperty("action").GetString()!)
            .Where(static action => action.StartsWith("signing-key.", StringComparison.Ordinal))
            .Reverse(),
    ];
}
