using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Access;

/// <summary>Whose personal variables a key or trusted issuer opens, and who says so: that member, with a credential of their own.</summary>
internal static class Loans
{
    /// <summary>
    /// Of what a member makes with a credential of their own, for themselves or for an automation they own. What they make for others, or for a service,
    /// they lend to only when they say so: they may be named the owner of anything later.
    /// </summary>
    /// <param name="narrowing">Of what they make: if it is wider than the credential they make it with, that does not open it either.</param>
    public static async Task<Person?> OfMakerAsync(ResourceStore resources, Caller caller, Principal principal, Grant narrowing, CancellationToken cancellationToken) =>
        caller.IsOwnCredential
        && Authorizer.CheckNarrowing(caller, narrowing) is null
        && (principal == caller.Principal || (principal.Type == PrincipalType.Automation
            && (await resources.GetAsync(caller.OrganizationId, Rows.Automation(principal.Name), StoredJson.Default.Automation, cancellationToken))?.Document.Owner == caller.Principal.Name))
            ? caller.Person
            : null;

    public static Result<Person?> Lend(Caller caller, Principal principal, Grant narrowing, Person? lentBy) =>
        Authorizer.CheckNarrowing(caller, narrowing) is { } tooNarrow ? tooNarrow
        : !IsFor(caller, principal) ? Failure.Conflict("personal.not_lendable", "It stands for another member, who would be let in to what is yours.")
        : lentBy is not null && lentBy != caller.Person ? Failure.Conflict("personal.lent_by_another", "Another member lent theirs to it, and it opens one member's alone.")
        : caller.Person;

    public static Result<Person?> TakeBack(Caller caller, Principal principal, Grant narrowing, Person? lentBy) => lentBy == caller.Person
        ? (Person?)null
        : Failure.NotFound("personal.not_lent", "What is personal of yours is not lent to it.");

    private static bool IsFor(Caller caller, Principal principal) => principal.Type != PrincipalType.Member || principal == caller.Principal;
}
