using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Api.Automations;

/// <summary><c>/v1/automations/{automation}/assignments?environment=</c>: the whole list.</summary>
internal static class AssignmentEndpoints
{
    public static void MapAssignments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/automations/{automation}/assignments", GetAsync).WithName("getAssignments").Takes(QueryParameter.Environment).RequiresView(Whereabouts.Thing, Feature.Automations);
        routes.MapPut("/v1/automations/{automation}/assignments", PutAsync).WithName("putAssignments").Takes(QueryParameter.Environment).RequiresManage(Whereabouts.Thing, Feature.Automations);
    }

    internal static async Task<Answer<AssignmentsResource>> GetAsync(
        string automation, HttpContext context, Assignments assignments, CancellationToken cancellationToken)
    {
        var environment = context.Query("environment") ?? DeploymentEnvironment.Default;
        return Check(automation, environment, context.Caller(), Level.View) is not { } failure
            && (await assignments.GetAsync(context.Caller(), automation, environment, cancellationToken)).TryGet(out var stored, out failure)
                ? Answer<AssignmentsResource>.Ok(ToResource(stored.Document), stored.ETag)
                : failure;
    }

    internal static async Task<Answer<AssignmentsResource>> PutAsync(
        string automation, Body<AssignmentsRequest> body, HttpContext context, Assignments assignments, CancellationToken cancellationToken)
    {
        var environment = context.Query("environment") ?? DeploymentEnvironment.Default;
        if (Check(automation, environment, context.Caller(), Level.Manage) is { } failure
            || !context.Precondition().TryGet(out var precondition, out failure)
            || !body.TryGet(out var request, out failure))
        {
            return failure;
        }

        if (request.Items.Contains(null!))
        {
            return JsonBody.NullAt("items");
        }

        AssignmentInput[] items = [.. request.Items.Select(static item => new AssignmentInput(item.Key, item.Scope))];
        return (await assignments.PutAsync(context.Caller(), automation, environment, items, precondition, cancellationToken)).TryGet(out var saved, out failure)
            ? Answer<AssignmentsResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created)
            : failure;
    }

    /// <summary>Also the environment that was left out: a key for others may not reach the default one by saying nothing.</summary>
    private static Failure? Check(string automation, string environment, Caller caller, Level level) =>
        RequestExtensions.CheckSlug(automation, "automation")
        ?? RequestExtensions.CheckSlug(environment, "environment")
        ?? Authorizer.Check(caller, new Demand(Feature.Automations, level), Place.SomewhereIn(environment));

    private static AssignmentsResource ToResource(AssignmentList list) => new(
        list.Automation,
        list.Environment,
        [.. list.Items.Select(static item => new AssignmentItem { Key = item.Key, Scope = item.Scope.ToString().ToLowerInvariant() })],
        list.Changes.UpdatedAt,
        list.Changes.UpdatedBy);
}
