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
}
