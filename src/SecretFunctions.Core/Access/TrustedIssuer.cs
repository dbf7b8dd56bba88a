using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Access;

/// <summary>Whose tokens an organization believes, which of them, and for whom they stand.</summary>
/// <param name="Issuer">The <c>iss</c> of a token, exactly.</param>
/// <param name="Audience">What the <c>aud</c> of a token is, or holds, exactly.</param>
/// <param name="Conditions">All of them must hold.</param>
/// <param name="Principal">A member or an automation.</param>
public sealed record TrustedIssuer(
    string Name, string Issuer, string Audience, IReadOnlyList<ClaimCondition> Conditions, Principal Principal, Changes Changes)
{
    /// <summary>Where the issuer's keys are (RFC 7517); null takes that from its discovery document.</summary>
    public string? JwksUri { get; init; }

    /// <summary>Of the member it stands for: it is nothing to a later one of the same e-mail.</summary>
    public string? MemberId { get; init; }

    /// <summary>Of the automation, likewise.</summary>
    public string? AutomationId { get; init; }

    /// <summary>The member who wrote it with a credential of their own, or lent their personal variables to it since. Written anew, it begins without.</summary>
    public Person? LentBy { get; init; }

    internal Uri? KeysAddress => JwksUri is null ? null : new Uri(JwksUri);

    /// <summary>Of a token that was verified: null where it is let in, else what is wrong, one entry each. Names claims, never their values.</summary>
    internal IReadOnlyList<FailureEntry>? Check(VerifiedToken token)
    {
        if (!token.HasAudience(Audience))
        {
            return [new FailureEntry(TokenAuthenticator.WrongAudience, $"The claim 'aud' is not the audience that trusted issuer '{Name}' asks for.") { Field = $"{Name}.audience" }];
        }

        var failed = Conditions.Where(condition => !condition.Holds(token)).ToList();
        return failed.Count == 0
            ? null
            : [.. failed.Select(condition => new FailureEntry(TokenAuthenticator.WrongClaim, $"The claim '{condition.Claim}' is not what trusted issuer '{Name}' asks for, or is not there.")
            {
                Field = $"{Name}.conditions.{condition.Claim}",
            })];
    }
}
