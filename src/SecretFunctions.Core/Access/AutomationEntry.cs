using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Access;

/// <summary>Letting somebody in as an automation, by a key or by a token.</summary>
internal static class AutomationEntry
{
    private static readonly Demand ViewValues = new(Feature.SecretValues, Level.View);

    /// <summary>Whoever lets somebody in as an automation could resolve as it. The automation, where the caller may; out of their reach there is none.</summary>
    public static async Task<Result<Automation>> CheckAsync(
        ResourceStore resources, Caller caller, string name, IReadOnlyList<string>? environments, CancellationToken cancellationToken)
    {
        var manage = new Demand(Feature.ApiKeys, Level.Manage);
        var stored = await resources.GetAsync(caller.OrganizationId, Rows.Automation(name), StoredJson.Default.Automation, cancellationToken);
        if (stored is not { Document: { DeletedAt: null, Project: var project } automation } || !Authorizer.Allows(caller, manage, new Place([project], null) { AnyEnvironment = true }))
        {
            return AutomationDirectory.NotFound(name) with { Kind = FailureKind.Invalid };
        }

        return Authorizer.Check(caller, ViewValues, new Place([project], null) { AnyEnvironment = true }) is { } denied ? denied
            : new[] { manage, ViewValues }.All(demand => Authorizer.Allows(caller, demand, new Place([project], environments))) ? automation
            : Failure.Denied("access.grant_exceeds_own", "An automation's key or token is good in environments that are not yours: name those it is for.");
    }
}
