using System.Text;
using System.Text.Json;

namespace SecretFunctions.Api.Tests.Canary;

/// <summary>A secret that can be searched for, in every form it could turn up in.</summary>
internal sealed class Canary
{
    private readonly (string Form, byte[] Bytes)[] _forms;

    public Canary(string name, ReadOnlySpan<byte> secret)
    {
        Name = name;
        var text = Encoding.UTF8.GetString(secret);
        var forms = new List<(string, byte[])> { ("as it is", secret.ToArray()), ("in UTF-16", Encoding.Unicode.GetBytes(text)) };
        forms.Add(("escaped as JSON", JsonEncodedText.Encode(text).EncodedUtf8Bytes.ToArray()));
        forms.Add(("in hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret))));
        forms.Add(("in upper-case hex", Encoding.ASCII.GetBytes(Convert.ToHexString(secret))));

        // Within longer content, base64 begins at any of three places: what does not depend on the neighbours is searched for.
        for (var shift = 0; shift < 3; shift++)
        {
            var base64 = Convert.ToBase64String([.. new byte[shift], .. secret]);
            var inner = base64[(shift == 0 ? 0 : 4)..^4];
            forms.Add(($"in base64, shifted by {shift}", Encoding.ASCII.GetBytes(inner)));
            forms.Add(($"in base64url, shifted by {shift}", Encoding.ASCII.GetBytes(inner.Replace('+', '-').Replace('/', '_'))));
        }

        _forms = [.. forms];
    }

    public Canary(string name, string secret)
        : this(name, Encoding.UTF8.GetBytes(secret))
    {
    }

    public string Name { get; }

    /// <summary>How the content holds it; null where it does not.</summary>
    public string? FindIn(ReadOnlySpan<byte> content)
    {
        foreach (var (form, bytes) in _forms)
        {
            if (content.IndexOf(bytes) >= 0)
            {
                return form;
            }
        }

        return null;
    }

    public void ShouldNotBeIn(ReadOnlySpan<byte> content, string where)
    {
        if (FindIn(content) is { } form)
        {
            Assert.Fail($"{Name} is in {where}, {form}.");
        }
    }

    public void ShouldNotBeIn(string content, string where) => ShouldNotBeIn(Encoding.UTF8.GetBytes(content), where);
}
