using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Core.Access;

/// <summary>
/// The e-mail a member is known by: at most 128 characters of letters, digits and <c>._+-</c> around one <c>@</c>. Compared
/// without regard to case, so kept in lower case.
/// </summary>
public static class MemberEmail
{
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._+-@");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out string? email)
    {
        email = null;
        if (text is not { Length: > 2 and <= MaxLength })
        {
            return false;
        }

        var lower = text.ToLowerInvariant();
        var at = lower.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at == lower.Length - 1 || at != lower.LastIndexOf('@') || lower.AsSpan().ContainsAnyExcept(Allowed))
        {
            return false;
        }

        email = lower;
        return true;
    }
}
