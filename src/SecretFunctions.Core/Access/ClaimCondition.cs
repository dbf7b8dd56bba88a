using System.Globalization;
using System.Text.Json;

namespace SecretFunctions.Core.Access;

/// <summary>What a claim must be.</summary>
/// <param name="Claim">A claim's name; or, where it begins with a slash, a JSON Pointer (RFC 6901) to a member of one: <c>/kubernetes.io/namespace</c>.</param>
/// <param name="Values">One of these. In each, <c>*</c> stands for any characters, or none; everything else for itself.</param>
public sealed record ClaimCondition(string Claim, IReadOnlyList<string> Values)
{
    /// <summary>Whether an owner's word is needed for it.</summary>
    internal bool HasWildcard => Values.Any(static value => value.Contains('*', StringComparison.Ordinal));

    /// <summary>Whether it keeps anybody out who has the claim at all.</summary>
    internal bool Narrows => !Values.Any(static value => value.AsSpan().Trim('*').IsEmpty);

    /// <summary>Whether the claim has one of the values; of a list, whether any item has.</summary>
    internal bool Holds(VerifiedToken token)
    {
        var claim = Find(token.Claims);
        return claim.ValueKind == JsonValueKind.Array ? claim.EnumerateArray().Any(Matches) : Matches(claim);
    }

    internal static bool IsClaim(string claim) =>
        claim.Length is > 0 and <= MaxClaimLength && !claim.Any(char.IsControl) && (claim[0] != '/' || claim.Split('/').All(IsStep));

    private const int MaxClaimLength = 200;

    /// <summary>A tilde begins <c>~0</c> or <c>~1</c> and nothing else (RFC 6901 §3).</summary>
    private static bool IsStep(string step) =>
        !step.Replace("~0", "", StringComparison.Ordinal).Replace("~1", "", StringComparison.Ordinal).Contains('~', StringComparison.Ordinal);

    private JsonElement Find(JsonElement claims)
    {
        string[] steps = Claim[0] == '/'
            ? [.. Claim[1..].Split('/').Select(static step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
            : [Claim];
        foreach (var step in steps)
        {
            if (claims.ValueKind != JsonValueKind.Object || !claims.TryGetProperty(step, out claims))
            {
                return default;
            }
        }

        return claims;
    }

    private bool Matches(JsonElement claim)
    {
        var text = claim.ValueKind switch
        {
            JsonValueKind.String => claim.GetString(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number when claim.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
        return text is not null && Values.Any(value => Matches(text, value));
    }

    /// <summary>The parts between the wildcards, each at the first place it fits: none further on could fit more.</summary>
    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> value)
    {
        var star = value.IndexOf('*');
        if (star < 0)
        {
            return text.Equals(value, StringComparison.Ordinal);
        }

        if (!text.StartsWith(value[..star], StringComparison.Ordinal))
        {
            return false;
        }

        text = text[star..];
        value = value[(star + 1)..];
        while ((star = value.IndexOf('*')) >= 0)
        {
            var at = text.IndexOf(value[..star], StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            text = text[(at + star)..];
            value = value[(star + 1)..];
        }

        return text.EndsWith(value, StringComparison.Ordinal);
    }
}
