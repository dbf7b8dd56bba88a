namespace SecretFunctions.Core.Resolution;

/// <summary>Why a variable of a plan, or all of it, is known to fail.</summary>
internal static class PlanFailures
{
    public static Failure Missing(string key) => new Failure(FailureKind.Unresolved, "variable.not_found", $"Variable '{key}' is assigned, but does not exist in this environment.")
    {
        Hint = "Create it in one of the scopes it is assigned with, or take it off the assignments. A personal one opens for its member's own credentials, and for those they lent it to where they wrote the assignments: docs/access.md.",
    };

    public static Failure SealedValueInvalid(string key) => new(
        FailureKind.Unresolved, "variable.sealed_value_invalid", $"What a client has sealed as the value of '{key}' does not open, or is not a value.")
    {
        Hint = "Seal the value anew, for the key of GET /v1/sealing-key: UTF-8 without NUL.",
    };

    public static Failure Restricted(string key) => new(
        FailureKind.Unresolved, "variable.access_restricted", $"Variable '{key}' has an access list, and the person behind this kickoff is not on it.")
    {
        Hint = "That is the member who calls, or else the automation's owner, where the credential and the assignments are their own word: docs/access.md. Have an admin of the variable add them, or take it off the assignments.",
    };

    public static Failure PersonalClosed { get; } = new(
        FailureKind.Unresolved, "variable.personal_closed", "The snapshot holds a member's personal variable, which opens for them alone, and for credentials that they made or lent it to.")
    {
        Hint = "Take a snapshot of your own.",
    };

    public static Failure TooMany { get; } = Failure.Invalid(
        "resolve.too_many_variables", $"A resolve takes at most {PlanBuilder.MaxVariables} variables. Name an automation, or narrow it with tags.");
}
