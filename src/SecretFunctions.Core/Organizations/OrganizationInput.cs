namespace SecretFunctions.Core.Organizations;

/// <summary>What the operator says of an organization.</summary>
/// <param name="TokenAudiences">For whom its automations may have tokens, beside what workload identity configurations name.</param>
public sealed record OrganizationInput(string? DisplayName, string? Description, IReadOnlyList<string> TokenAudiences)
{
    internal Organization ApplyTo(Organization organization) =>
        organization with { DisplayName = DisplayName, Description = Description, TokenAudiences = TokenAudiences };
}
