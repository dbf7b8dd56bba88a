using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.Access;

/// <summary>What a trusted issuer may be, whoever writes it. No I/O.</summary>
internal static class TrustedIssuerRules
{
    public const int MaxAddressLength = 500;
    private const int MaxConditions = 16;
    private const int MaxValues = 20;
    private const int MaxValueLength = 500;

    /// <summary>Have a place of their own, or are always checked.</summary>
    private static readonly string[] Registered = ["iss", "aud", "exp", "nbf", "iat"];

    /// <summary>Null, or everything that is wrong with one part of it.</summary>
    public static Failure? Check(TrustedIssuerInput input, ITokenVerifier verifier, IssuerAddress own) =>
        CheckIssuer(input, verifier)
        ?? (own.Is(input.Issuer)
            ? Failure.Invalid("trusted_issuer.issuer_is_own", "This is the name of the service itself: whoever received one of its tokens could come back with it.")
            : null)
        ?? CheckAudience(input.Audience)
        ?? CheckConditions(input.Conditions);

    private static Failure? CheckIssuer(TrustedIssuerInput input, ITokenVerifier verifier)
    {
        if (!TryParse(input.Issuer, out var issuer) || issuer.Query.Length > 0 || input.Issuer.AsSpan().ContainsAny("?#*"))
        {
            return Invalid("issuer", $"An issuer is an https address of at most {MaxAddressLength} characters, as the token's 'iss' says it, without a query, fragment or wildcard.");
        }

        if (input.JwksUri is null)
        {
            return verifier.CheckAddress(issuer) is { } refused ? Invalid("issuer", $"Its keys cannot be fetched from there. {refused}") : null;
        }

        // Then the issuer is a name only, and nothing is asked there; but one that others can speak for on the way is no issuer.
        if (issuer.Scheme != Uri.UriSchemeHttps && verifier.CheckAddress(issuer) is { } problem)
        {
            return Invalid("issuer", problem);
        }

        return !TryParse(input.JwksUri, out var keys)
            ? Invalid("jwks_uri", $"'jwksUri' is an https address of at most {MaxAddressLength} characters.")
            : verifier.CheckAddress(keys) is { } reason ? Invalid("jwks_uri", reason) : null;
    }

    private static Failure? CheckAudience(string audience) =>
        audience.Length is 0 or > MaxAddressLength || audience.Any(char.IsControl) || audience.Contains('*', StringComparison.Ordinal)
            ? Invalid("audience", $"An audience has 1 to {MaxAddressLength} characters, no control character and no wildcard: it is what the token's 'aud' is, or holds.")
            : null;

    private static Failure? CheckConditions(IReadOnlyList<ClaimCondition> conditions)
    {
        List<FailureEntry> errors = [];
        foreach (var condition in conditions.Take(MaxConditions + 1))
        {
            if (Problem(condition) is { } problem)
            {
                errors.Add(new FailureEntry("trusted_issuer.condition_invalid", problem) { Field = ClaimCondition.IsClaim(condition.Claim) ? $"conditions.{condition.Claim}" : "conditions" });
            }
        }

        if (errors.Count > 0 || conditions.Count > MaxConditions)
        {
            return Failure.Invalid("trusted_issuer.conditions_invalid", $"There are at most {MaxConditions} conditions; 'errors' names those that cannot be.") with { Errors = errors };
        }

        return conditions.Any(static condition => condition.Narrows)
            ? null
            : Failure.Invalid(
                "trusted_issuer.conditions_required",
                "At least one condition must say which of the issuer's tokens are meant, by more than '*': an issuer such as GitHub's signs for everybody, with any audience they ask for.");
    }

    private static string? Problem(ClaimCondition condition)
    {
        if (!ClaimCondition.IsClaim(condition.Claim))
        {
            return "A claim is named by its name, or from a slash on by a JSON Pointer: at most 200 characters, no control character.";
        }

        if (Registered.Contains(condition.Claim))
        {
            return "This claim is always checked: the issuer and the audience have their own fields, and times need none.";
        }

        return condition.Values.Count is 0 or > MaxValues || condition.Values.Any(static value => value.Length is 0 or > MaxValueLength || value.Any(char.IsControl))
            ? $"A condition has 1 to {MaxValues} values, each of 1 to {MaxValueLength} characters without control characters."
            : null;
    }

    private static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? address)
    {
        address = null;
        return text.Length is > 0 and <= MaxAddressLength
            && text.All(static c => c is > ' ' and < '\x7F')
            && Uri.TryCreate(text, UriKind.Absolute, out address)
            && address is { UserInfo: "", Fragment: "" }
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
    }

    private static Failure Invalid(string part, string detail) => Failure.Invalid($"trusted_issuer.{part}_invalid", detail);
}
