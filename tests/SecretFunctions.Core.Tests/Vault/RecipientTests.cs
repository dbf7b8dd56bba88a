using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Tests.Vault;

/// <summary>Opened with the platform's primitives; how others open it, the tests of the API show.</summary>
public sealed class RecipientTests
{
    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("P-521")]
    public void What_is_sealed_to_a_curve_opens_with_its_private_key_and_each_time_is_another(string name)
    {
        var curve = EllipticCurve.Find(name).ShouldNotBeNull();
        using var owner = ECDiffieHellman.Create(curve.Curve);
        var point = owner.ExportParameters(includePrivateParameters: false).Q;
        var recipient = Parse($$"""{"kty":"EC","crv":"{{name}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""").ShouldSucceed();

        var first = Encoding.ASCII.GetString(recipient.SealJson("{}"u8)).Split('.');
        var second = Encoding.ASCII.GetString(recipient.SealJson("{}"u8)).Split('.');

        Open(owner, curve, first).ShouldBe("{}");
        Open(owner, curve, second).ShouldBe("{}");
        first.Zip(second).Where(static pair => pair.First == pair.Second && pair.First.Length > 0).ShouldBeEmpty();
        first[1].ShouldBeEmpty("direct key agreement has no encrypted key (RFC 7518 §4.6)");
        first[^1] = Base64Url.EncodeToString(new byte[16]);
        Should.Throw<AuthenticationTagMismatchException>(() => Open(owner, curve, first));
    }

    [Theory]
    [InlineData(2048, "AQAB", true)]
    [InlineData(2048, "Aw", false)] // 3
    [InlineData(2048, "AQAA", false)] // even
    [InlineData(2048, "AAEAAQ", false)] // a leading zero
    [InlineData(2048, "_____w", true)] // the largest
    [InlineData(2048, "AQAAAAE", false)] // beyond
    [InlineData(1024, "AQAB", false)]
    [InlineData(2047, "AQAB", false)]
    [InlineData(8192, "AQAB", true)]
    [InlineData(8193, "AQAB", false)]
    public void An_RSA_key_is_neither_weak_nor_outsized(int bits, string exponent, bool isTaken)
    {
        // Odd, and as long as it says; whether anybody can open it is its owner's concern.
        var modulus = new byte[(bits + 7) / 8];
        RandomNumberGenerator.Fill(modulus);
        var top = 7 - ((8 * modulus.Length) - bits);
        modulus[0] = (byte)((modulus[0] & ((1 << (top + 1)) - 1)) | (1 << top));
        modulus[^1] |= 1;

        var parsed = Parse($$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(modulus)}}","e":"{{exponent}}"}""");

        (parsed.Failure is null).ShouldBe(isTaken, parsed.Failure?.Code);
        if (parsed.TryGet(out var recipient, out _))
        {
            recipient.SealJson("{}"u8).Count(static character => character == '.').ShouldBe(4);
        }
    }

    [Theory]
    [InlineData("P-256", 31)]
    [InlineData("P-256", 33)]
    [InlineData("P-384", 32)]
    [InlineData("P-521", 65)]
    [InlineData("P-256", 32)]
    [InlineData("P-521", 66)]
    public void A_point_that_is_none_of_the_curve_is_refused(string curve, int bytes)
    {
        var zeros = Base64Url.EncodeToString(new byte[bytes]);
        var ones = Base64Url.EncodeToString(Enumerable.Repeat((byte)0xFF, bytes).ToArray());

        foreach (var (x, y) in new[] { (zeros, zeros), (ones, ones), (zeros, ones), (ones, zeros) })
        {
            Parse($$"""{"kty":"EC","crv":"{{curve}}","x":"{{x}}","y":"{{y}}"}""").ShouldFail("seal_to.invalid");
        }
    }

    [Fact]
    public void A_point_that_is_no_point_by_one_bit_is_refused()
    {
        using var owner = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = owner.ExportParameters(includePrivateParameters: false).Q;
        point.Y![31] ^= 1;

        Parse($$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""").ShouldFail("seal_to.invalid");
    }

    private static Result<Recipient> Parse(string jwk) => Recipient.Parse(JsonElement.Parse(jwk));

    private static string Open(ECDiffieHellman owner, EllipticCurve curve, string[] parts)
    {
        var header = JsonElement.Parse(Base64Url.DecodeFromChars(parts[0]));
        header.GetProperty("alg").GetString().ShouldBe("ECDH-ES");
        var epk = header.GetProperty("epk");
        epk.GetProperty("crv").GetString().ShouldBe(curve.Name);
        epk.TryGetProperty("d", out _).ShouldBeFalse();
        byte[] Coordinate(string name) => Base64Url.DecodeFromChars(epk.GetProperty(name).GetString());
        using var ephemeral = ECDiffieHellman.Create(new ECParameters { Curve = curve.Curve, Q = new ECPoint { X = Coordinate("x"), Y = Coordinate("y") } });
        using var publicKey = ephemeral.PublicKey;
        using var aes = new AesGcm(ConcatKdf.Derive(owner, publicKey, "A256GCM", [], [], 256), AesGcmSizes.Tag);
        var plaintext = new byte[Base64Url.GetMaxDecodedLength(parts[3].Length)];
        var ciphertext = Base64Url.DecodeFromChars(parts[3]);
        aes.Decrypt(Base64Url.DecodeFromChars(parts[2]), ciphertext, Base64Url.DecodeFromChars(parts[4]), plaintext.AsSpan(0, ciphertext.Length), Encoding.ASCII.GetBytes(parts[0]));
        return Encoding.UTF8.GetString(plaintext.AsSpan(0, ciphertext.Length));
    }
}
