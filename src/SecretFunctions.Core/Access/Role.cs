using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Access;

/// <summary>What members who have it may do. Three are built in; the others are an organization's own.</summary>
/// <param name="Permissions">By wire name.</param>
/// <param name="Changes">Null where it is built in.</param>
public sealed record Role(string Name, IReadOnlyDictionary<string, string> Permissions, Changes? Changes)
{
    public const string Owner = "owner";
    private const string Admin = "admin";

    /// <summary>Null: the whole organization.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Null: all.</summary>
    public IReadOnlyList<string>? Environments { get; init; }

    internal static IReadOnlyList<Role> BuiltIn { get; } =
    [
        // Of the deployment's keys an admin sees nothing: they are the owners', as far as they are an organization's at all.
        new(Admin, Access.Permissions.All.ToNames().Where(static level => level.Key != Access.Permissions.Name(Feature.Keys)).ToDictionary(), null),
        new("member", new Dictionary<string, string> { ["environment_variables"] = "view", ["automations"] = "view" }, null),
        new(Owner, Access.Permissions.All.ToNames(), null),
    ];

    /// <summary>What it allows somebody who has it. Levels that this version does not know allow nothing.</summary>
    internal Grant ToGrant() => new(
        $"role '{Name}'", Access.Permissions.TryParse(Permissions, "permissions", out var permissions, out _) ? permissions : Access.Permissions.None)
    {
        Projects = Projects,
        Environments = Environments,
    };
}

/// <summary>A person in the organization, known by e-mail.</summary>
/// <param name="Id">Random and never used again: whoever has this e-mail later is somebody else.</param>
/// <param name="Roles">By name. A name that no role has gives nothing.</param>
public sealed record Member(string Email, string Id, IReadOnlyList<string> Roles, Changes Changes)
{
    /// <summary>Narrower than the roles' own; null: as the roles say.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>Whether the organization is in this person's hands. Restricted to projects, somebody owns nothing.</summary>
    internal bool IsOwner => Projects is null && Roles.Contains(Role.Owner);
}

/// <summary>Who the owners are: one row that every change of ownership goes through, so that two at once cannot leave nobody.</summary>
internal sealed record OwnerList(IReadOnlyList<string> Members);
