using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SecretFunctions.EndToEnd.Tests.Canary;

/// <summary>The search itself: a test that finds nothing proves nothing unless it would have.</summary>
public sealed class SecretScannerTests
{
    private const string Secret = "canary-5f2e81c0";

    [Fact]
    public void A_secret_is_found_in_every_form_and_at_every_offset()
    {
        var scanner = new SecretScanner();
        scanner.Add("it", Secret);
        var utf8 = Encoding.UTF8.GetBytes(Secret);
        var haystacks = new List<byte[]>
        {
            utf8,
            Encoding.Unicode.GetBytes(Secret),
            Encoding.BigEndianUnicode.GetBytes(Secret),
            Encoding.ASCII.GetBytes(Convert.ToHexString(utf8)),
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(utf8)),
        };
        haystacks.AddRange(Enumerable.Range(0, 7).Select(before =>
            Encoding.ASCII.GetBytes(Convert.ToBase64String([.. Enumerable.Repeat((byte)'#', before), .. utf8, .. "tail"u8]))));

        haystacks.ShouldAllBe(haystack => scanner.Find("here", haystack).Count > 0);
        scanner.Find("here", "canary-5f2e81c1").ShouldBeEmpty();
    }

    [Fact]
    public void A_signing_key_is_found_in_a_file_of_its_own_and_by_its_parameters_and_its_public_half_is_none()
    {
        using var key = RSA.Create(2048);
        var scanner = new SecretScanner();
        SigningKeysAtRest.AddTo(scanner, key.ExportPkcs8PrivateKey());
        var parameters = key.ExportParameters(includePrivateParameters: true);

        scanner.Find("here", key.ExportPkcs8PrivateKey()).ShouldNotBeEmpty();
        scanner.Find("here", key.ExportPkcs8PrivateKeyPem()).ShouldNotBeEmpty();
        scanner.Find("here", key.ExportRSAPrivateKeyPem()).ShouldNotBeEmpty();
        scanner.Find("here", $"\"d\":\"{Base64Url.EncodeToString(parameters.D)}\"").ShouldNotBeEmpty();
        scanner.Find("here", Convert.ToHexString(parameters.Q!)).ShouldNotBeEmpty();
        scanner.Find("here", key.ExportSubjectPublicKeyInfoPem()).ShouldBeEmpty();
        scanner.Find("here", $"\"n\":\"{Base64Url.EncodeToString(parameters.Modulus)}\"").ShouldBeEmpty();
    }
}
