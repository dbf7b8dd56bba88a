using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Api.Organizations;

/// <summary><c>/v1/environments</c>: dev, staging and prod exist; an owner adds others.</summary>
internal static class EnvironmentEndpoints
{
    public static void MapEnvironments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/environments", ListAsync).WithName("listEnvironments").RequiresView(Whereabouts.Environment, Feature.EnvironmentVariables);
        routes.MapGet("/v1/environments/{environment}", GetAsync).WithName("getEnvironment").RequiresView(Whereabouts.Environment, Feature.EnvironmentVariables);
        routes.MapPut("/v1/environments/{environment}", PutAsync).WithName("putEnvironment").RequiresManage(Whereabouts.Organization, Feature.EnvironmentVariables, Feature.Keys);
        routes.MapDelete("/v1/environments/{environment}", DeleteAsync).WithName("deleteEnvironment").RequiresManage(Whereabouts.Organization, Feature.EnvironmentVariables, Feature.Keys);
    }

    internal static async Task<Answer<Page<EnvironmentResource>>> ListAsync(HttpContext context, Environments environments, CancellationToken cancellationToken)
    {
        // All that are the caller's: there are never more than fit on one page.
        var caller = context.Caller();
        var view = new Demand(Feature.EnvironmentVariables, Level.View);
        var items = (await environments.ListAsync(caller.OrganizationId, cancellationToken)).Where(item => Authorizer.Allows(caller, view, Place.SomewhereIn(item.Document.Name)));
        return Answer<Page<EnvironmentResource>>.Ok(new([.. items.Select(static item => ToResource(item.Document))], null));
    }

    internal static async Task<Answer<EnvironmentResource>> GetAsync(
        string environment, HttpContext context, Environments environments, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(environment, "environment") is not { } failure
        && (await environments.GetAsync(context.OrganizationId(), environment, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<EnvironmentResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<EnvironmentResource>> PutAsync(
        string environment, Body<DescriptionRequest> body, HttpContext context, Environments environments, CancellationToken cancellationToken)
    {
        if (RequestExtensions.CheckSlug(environment, "environment") is { } failure
            || !context.Precondition().TryGet(out var precondition, out failure)
            || !body.TryGet(out var request, out failure)
            || (failure = FreeText.Check(request.DisplayName, request.Description)) is not null
            || !(await environments.PutAsync(context.Caller(), environment, request.DisplayName, request.Description, precondition, cancellationToken))
                .TryGet(out var saved, out failure))
        {
            return failure;
        }

        return Answer<EnvironmentResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created);
    }

    internal static async Task<NothingToSay> DeleteAsync(
        string environment, HttpContext context, Environments environments, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(environment, "environment") is not { } failure && context.Precondition().TryGet(out var precondition, out failure)
            ? NothingToSay.Unless(await environments.DeleteAsync(context.Caller(), environment, precondition, cancellationToken))
            : failure;

    private static EnvironmentResource ToResource(DeploymentEnvironment environment) => new(
        environment.Name,
        environment.DisplayName,
        environment.Description,
        environment.Changes.CreatedAt,
        environment.Changes.UpdatedAt,
        environment.Changes.UpdatedBy);
}
