namespace SecretFunctions.Core.Organizations;

/// <summary>
/// A deleted name stays reserved: a new project or automation of that name would inherit the trust a cloud still grants to the old
/// one's subject.
/// </summary>
internal static class ReservedNames
{
    public static Failure Taken(string kind, string name) => Failure.Conflict(
        "name.reserved",
        $"A {kind} named '{name}' was deleted, and clouds may still trust that name. Choose another, or release it with DELETE and ?release=true.");
}
