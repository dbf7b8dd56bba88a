namespace SecretFunctions.Core.Access;

/// <summary>Where a thing belongs, which is half of every decision about it.</summary>
/// <param name="Projects">Null: the organization as a whole.</param>
/// <param name="Environments">Null: all of them. Empty: it is about none.</param>
public readonly record struct Place(IReadOnlyList<string>? Projects, IReadOnlyList<string>? Environments)
{
    private static readonly IReadOnlyList<string> None = [];

    /// <summary>One of the projects is enough: a store that serves several, or, without any named, a thing whose project is not known yet.</summary>
    public bool AnyProject { get; init; }

    /// <summary>Likewise.</summary>
    public bool AnyEnvironment { get; init; }

    /// <summary>The member whose own it is, and nobody else's.</summary>
    public string? Person { get; init; }

    /// <summary>A thing of the organization as a whole, about no environment.</summary>
    public static Place Organization { get; } = new(null, None);

    /// <summary>Not known before it is loaded: the coarse question whether anybody may this anywhere.</summary>
    public static Place Anywhere { get; } = new(null, null) { AnyProject = true, AnyEnvironment = true };

    /// <summary>A thing of one project, about no environment.</summary>
    public static Place OfProject(string project) => new([project], None);

    /// <summary>Of one project (null: of the organization) in one environment.</summary>
    public static Place In(string? project, string environment) => new(project is null ? null : [project], [environment]);

    /// <summary>In one environment, of a project that is not known yet.</summary>
    public static Place SomewhereIn(string environment) => new(null, [environment]) { AnyProject = true };

    /// <summary>Of a project that is not known yet, about no environment.</summary>
    public static Place OfSomeProject { get; } = new(null, None) { AnyProject = true };

    /// <summary>A member's own, in one environment, or (null) in any.</summary>
    public static Place Personal(string member, string? environment) =>
        new(null, environment is null ? null : [environment]) { AnyEnvironment = environment is null, Person = member };
}
