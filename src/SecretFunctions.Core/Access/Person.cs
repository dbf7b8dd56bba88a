namespace SecretFunctions.Core.Access;

/// <summary>A member, for good: by e-mail for people, and by the id that tells them apart from a later one of the same e-mail.</summary>
public readonly record struct Person(string Email, string Id);

/// <summary>Somebody on a variable's access list.</summary>
/// <param name="Member">By e-mail.</param>
/// <param name="MemberId">See <see cref="Person"/>.</param>
/// <param name="Role">What they may: use it, or change it as well.</param>
public sealed record AccessEntry(string Member, string MemberId, AccessRole Role);

/// <summary>Ordered: who may change it may use it.</summary>
public enum AccessRole
{
    Member,
    Admin,
}

/// <summary>Whom another issuer's token is about, and whose word that is: all of it, so that no second issuer of that name and no other application speaks for them.</summary>
public sealed record TokenIdentity(string Issuer, string? JwksUri, string Audience, string Subject);

/// <summary>The credential with which a member first wrote something personal: theirs from then on.</summary>
internal sealed record PersonalIdentity(string MemberId, string? ApiKey, TokenIdentity? Token, DateTimeOffset ClaimedAt);

/// <summary>Whose personal variables a credential opens: its member's, if it is the one they claimed, or those of whoever made it or lent them to it.</summary>
/// <param name="Opens">Nobody's where it is null.</param>
/// <param name="IsUnclaimed">The member has nothing personal yet, so whichever credential of theirs writes first is their own.</param>
internal readonly record struct PersonalStanding(Person? Opens, bool IsUnclaimed)
{
    /// <param name="member">Whom the credential stands for, where that is a member.</param>
    /// <param name="claim">Of that member.</param>
    /// <param name="lender">Who lent theirs to the credential, where that still is a member.</param>
    /// <param name="apiKey">The credential, where it is a key.</param>
    /// <param name="token">The credential, where it is a token.</param>
    public static PersonalStanding Of(Person? member, PersonalIdentity? claim, Person? lender, string? apiKey, TokenIdentity? token)
    {
        if (lender is not null || member is not { } person)
        {
            return new PersonalStanding(lender, false);
        }

        // A claim of an earlier member of this e-mail is nobody's.
        if (claim is null || claim.MemberId != person.Id)
        {
            return new PersonalStanding(null, apiKey is not null || token is not null);
        }

        var own = claim.Token is null ? apiKey is not null && claim.ApiKey == apiKey : claim.Token == token;
        return new PersonalStanding(own ? person : null, false);
    }
}
