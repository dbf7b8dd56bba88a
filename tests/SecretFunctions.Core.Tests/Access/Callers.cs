using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Tests.Access;

/// <summary>Callers that hold less.</summary>
internal static class Callers
{
    public static Caller Holding(this Caller caller, Permissions permissions) => caller with { Grants = [new Grant("test", permissions)] };

    /// <summary>With a credential that is good for these alone.</summary>
    public static Caller NarrowedTo(this Caller caller, string[]? projects = null, string[]? environments = null)
    {
        var narrowing = Grant.Everything with { Projects = projects, Environments = environments };
        return caller with { Narrowing = narrowing, Grants = [.. caller.Grants.Select(grant => grant with { Projects = projects, Environments = environments })] };
    }
}
