using System.Text;

namespace SecretFunctions.EndToEnd.Tests.Canary;

/// <summary>Looks for secrets in bytes, in every form that somebody could read them in.</summary>
internal sealed class SecretScanner
{
    private readonly List<(string What, byte[] Bytes)> _needles = [];

    public void Add(string name, string text)
    {
        Add(name, Encoding.UTF8.GetBytes(text));
        _needles.Add(($"{name} as UTF-16", Encoding.Unicode.GetBytes(text)));
        _needles.Add(($"{name} as UTF-16, big-endian", Encoding.BigEndianUnicode.GetBytes(text)));
    }

    public void Add(string name, byte[] bytes)
    {
        _needles.Add((name, bytes));
        _needles.Add(($"{name} as hex", Encoding.ASCII.GetBytes(Convert.ToHexString(bytes))));
        _needles.Add(($"{name} as lower-case hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes))));
        for (var offset = 0; offset < 3; offset++)
        {
            // In the middle of other bytes its base64 depends on where it begins; the digits at both ends belong to its neighbours too.
            var base64 = Convert.ToBase64String([.. new byte[offset], .. bytes])[(offset == 0 ? 0 : offset + 1)..];
            base64 = base64.TrimEnd('=')[..^1];
            _needles.Add(($"{name} as base64", Encoding.ASCII.GetBytes(base64)));
            _needles.Add(($"{name} as base64url", Encoding.ASCII.GetBytes(base64.Replace('+', '-').Replace('/', '_'))));
        }
    }

    /// <summary>What is found, where: empty if nothing is.</summary>
    public IReadOnlyList<string> Find(string place, ReadOnlySpan<byte> haystack)
    {
        var found = new List<string>();
        foreach (var (what, bytes) in _needles)
        {
            if (haystack.IndexOf(bytes) >= 0)
            {
                found.Add($"{what} in {place}");
            }
        }

        return found;
    }

    public IReadOnlyList<string> Find(string place, string haystack) => Find(place, Encoding.UTF8.GetBytes(haystack));
}
