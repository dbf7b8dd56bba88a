namespace SecretFunctions.Core.Organizations;

/// <summary>Who made a document and who changed it last.</summary>
public sealed record Changes(DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string UpdatedBy)
{
    public static Changes Made(DateTimeOffset at, string by) => new(at, at, by);

    public Changes Changed(DateTimeOffset at, string by) => this with { UpdatedAt = at, UpdatedBy = by };
}

/// <summary>The tenant. Its id is random and never used again; its name is what people and clouds see.</summary>
public sealed record Organization(string Id, string Name, string? DisplayName, string? Description, Changes Changes)
{
    /// <summary>For whom its automations may have tokens, beside what workload identity configurations name. Null, as of old: nobody.</summary>
    public IReadOnlyList<string>? TokenAudiences { get; init; }
}

/// <summary>In the deployment's partition: a name, and the organization it stands for.</summary>
internal sealed record OrganizationName(string Id, OrganizationState State);

internal enum OrganizationState
{
    Active,

    /// <summary>Its keys are gone; its rows are being removed. Resumed by the next call that meets it.</summary>
    Deleting,

    /// <summary>Nothing is left but the name, so that nobody inherits the trust a cloud still grants to it.</summary>
    Reserved,
}

/// <summary>A workspace inside an organization.</summary>
public sealed record Project(string Name, string? DisplayName, string? Description, Changes Changes)
{
    /// <summary>Set once deleted: the name stays reserved.</summary>
    public DateTimeOffset? DeletedAt { get; init; }
}

/// <summary>An environment of the organization; <c>dev</c>, <c>staging</c> and <c>prod</c> exist from the start.</summary>
public sealed record DeploymentEnvironment(string Name, string? DisplayName, string? Description, Changes Changes)
{
    public const string Default = "dev";

    internal static readonly string[] BuiltIn = [Default, "staging", "prod"];
}
