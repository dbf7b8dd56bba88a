using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Access;

/// <summary>An API key as stored: never the key, only a digest of its secret part.</summary>
/// <param name="Id">20 characters; the first ten are the organization's id, so that a key finds its organization.</param>
/// <param name="SecretHash">SHA-256: the secret part is 256 random bits, so there is nothing to slow a search for.</param>
public sealed record ApiKey(string Id, string Name, Principal Principal, byte[] SecretHash, Changes Changes)
{
    /// <summary>Narrower than the principal's own; null: the principal's own.</summary>
    public IReadOnlyDictionary<string, string>? Permissions { get; init; }

    /// <summary>The projects it is good for; null: all of its principal's, and the organization as a whole.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>The environments it is good for; null: all.</summary>
    public IReadOnlyList<string>? Environments { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Of the member it is for: it is nothing to a later one of the same e-mail.</summary>
    public string? MemberId { get; init; }

    /// <summary>Of the automation, likewise.</summary>
    public string? AutomationId { get; init; }

    /// <summary>The member who made it with a credential of their own, or lent their personal variables to it since.</summary>
    public Person? LentBy { get; init; }

    /// <summary>What it leaves of whatever its principal may; of a service, all that one may. Null where this version does not understand it.</summary>
    internal Grant? ToNarrowing()
    {
        var permissions = Access.Permissions.All;
        return Permissions is null || Access.Permissions.TryParse(Permissions, "permissions", out permissions, out _)
            ? new Grant("the API key", permissions) { Projects = Projects, Environments = Environments }
            : null;
    }
}

/// <summary>The text form of a key: <c>sfk_</c>, key id, <c>_</c>, 256 random bits in base64url.</summary>
public readonly ref struct ApiKeyText
{
    public const string Prefix = "sfk_";

    /// <summary>The operator's key may be any string of this length; it has no id of its own.</summary>
    public const int MinBootstrapKeyLength = 32;

    internal const int OrganizationIdLength = 10;

    internal const int IdLength = 2 * OrganizationIdLength;
    private const int MaxLength = 512;

    // 32 characters, none of l, o, 0 and 1: ids are read aloud, and stand in row keys.
    private const string IdAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    private const int RandomHexLength = 64;

    /// <summary>Of 64 random ones, fewer differ once in 10^18 times.</summary>
    private const int MinDistinctDigits = 8;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create(IdAlphabet);

    private ApiKeyText(ReadOnlySpan<char> id, ReadOnlySpan<char> secret)
    {
        Id = id;
        Secret = secret;
    }

    /// <summary>Empty for a bootstrap key of another form.</summary>
    public ReadOnlySpan<char> Id { get; }

    public ReadOnlySpan<char> Secret { get; }

    /// <summary>
    /// Whether nobody makes up what has this form, so that guessing is hopeless: a key of ours, or 32 bytes in hexadecimal as <c>openssl rand -hex 32</c> prints them.
    /// </summary>
    public bool IsRandom => !Id.IsEmpty || (Secret.Length >= RandomHexLength && !Secret.ContainsAnyExcept(HexDigits) && DistinctDigits(Secret) >= MinDistinctDigits);

    /// <summary>
    /// Takes apart what was sent. Anything that is not of our form may still be the operator's bootstrap key: then all of it is secret.
    /// False only for what cannot be either.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ApiKeyText key)
    {
        key = default;
        if (text.Length is < MinBootstrapKeyLength or > MaxLength)
        {
            return false;
        }

        const int secretStart = 4 + IdLength + 1;
        var isKey = text.StartsWith(Prefix, StringComparison.Ordinal)
            && text.Length > secretStart
            && text[secretStart - 1] == '_'
            && !text[4..(secretStart - 1)].ContainsAnyExcept(IdCharacters);
        key = isKey ? new ApiKeyText(text[4..(secretStart - 1)], text[secretStart..]) : new ApiKeyText([], text);
        return true;
    }

    /// <summary>SHA-256 of the secret part.</summary>
    /// <param name="destination">32 bytes.</param>
    public void HashSecret(Span<byte> destination)
    {
        Span<byte> utf8 = stackalloc byte[MaxLength * 3];
        var length = Encoding.UTF8.GetBytes(Secret, utf8);
        SHA256.HashData(utf8[..length], destination);
        CryptographicOperations.ZeroMemory(utf8[..length]);
    }

    private static int DistinctDigits(ReadOnlySpan<char> hex)
    {
        var seen = 0u;
        foreach (var digit in hex)
        {
            seen |= 1u << (char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return System.Numerics.BitOperations.PopCount(seen);
    }

    public static string OrganizationIdOf(ReadOnlySpan<char> keyId) => keyId[..OrganizationIdLength].ToString();

    internal static string NewId() => RandomNumberGenerator.GetString(IdAlphabet, OrganizationIdLength);

    /// <summary>A new key for an organization: its id, what to show once, and what to keep.</summary>
    [SuppressMessage("Design", "CA1021", Justification = "The three belong to one act; only the caller of Create sees the text.")]
    internal static string Create(string organizationId, out string id, out byte[] secretHash)
    {
        id = organizationId + NewId();
        Span<byte> secret = stackalloc byte[32];
        RandomNumberGenerator.Fill(secret);
        var text = $"{Prefix}{id}_{Base64Url.EncodeToString(secret)}";
        CryptographicOperations.ZeroMemory(secret);
        secretHash = new byte[SHA256.HashSizeInBytes];
        if (!TryParse(text, out var key))
        {
            throw new InvalidOperationException("A key we made has our own form.");
        }

        key.HashSecret(secretHash);
        return text;
    }
}
