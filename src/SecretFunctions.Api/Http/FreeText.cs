using SecretFunctions.Core;

namespace SecretFunctions.Api.Http;

/// <summary>Words about a resource: anything people write, within limits that keep lists and logs readable.</summary>
internal static class FreeText
{
    public const int MaxDisplayName = 200;
    public const int MaxDescription = 2000;

    /// <summary>Null where both will do. A description may have several lines.</summary>
    public static Failure? Check(string? displayName, string? description)
    {
        if (displayName is { Length: > MaxDisplayName } || displayName?.Any(char.IsControl) == true)
        {
            return Failure.Invalid("display_name.invalid", $"'displayName' has at most {MaxDisplayName} characters, none of them a control character.");
        }

        return description is { Length: > MaxDescription } || description?.Any(static c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) == true
            ? Failure.Invalid("description.invalid", $"'description' has at most {MaxDescription} characters, none of them a control character but tabs and line ends.")
            : null;
    }
}
