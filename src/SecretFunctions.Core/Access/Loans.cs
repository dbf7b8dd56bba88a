namespace SecretFunctions.Core.Access;

/// <summary>Whose personal variables a key or trusted issuer opens, and who says so: that member, with a credential of their own.</summary>
internal static class Loans
{
    /// <summary>Of what a member makes with a credential of their own, for themselves or for a machine, not for another member.</summary>
    public static Person? OfMaker(Caller caller, Principal principal) => caller.IsOwnCredential && IsFor(caller, principal) ? caller.Person : null;

    public static Result<Person?> Lend(Caller caller, Principal principal, Person? lentBy) =>
        !IsFor(caller, principal) ? Failure.Conflict("personal.not_lendable", "It stands for another member, who would be let in to what is yours.")
        : lentBy is not null && lentBy != caller.Person ? Failure.Conflict("personal.lent_by_another", "Another member lent theirs to it, and it opens one member's alone.")
        : caller.Person;

    public static Result<Person?> TakeBack(Caller caller, Principal principal, Person? lentBy) => lentBy == caller.Person
        ? (Person?)null
        : Failure.NotFound("personal.not_lent", "What is personal of yours is not lent to it.");

    private static bool IsFor(Caller caller, Principal principal) => principal.Type != PrincipalType.Member || principal == caller.Principal;
}
