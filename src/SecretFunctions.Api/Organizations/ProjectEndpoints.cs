using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Organizations;

/// <summary><c>/v1/projects</c>.</summary>
internal static class ProjectEndpoints
{
    public static void MapProjects(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/projects", ListAsync).WithName("listProjects").Takes(QueryParameter.Paging).RequiresView(Whereabouts.Thing, Feature.Automations);
        routes.MapGet("/v1/projects/{project}", GetAsync).WithName("getProject").RequiresView(Whereabouts.Project, Feature.Automations);
        routes.MapPut("/v1/projects/{project}", PutAsync).WithName("putProject").RequiresManage(Whereabouts.Project, Feature.Automations);
        routes.MapPatch("/v1/projects/{project}", PatchAsync).WithName("patchProject").TakesPatchOf(typeof(DescriptionRequest)).RequiresManage(Whereabouts.Project, Feature.Automations);
        routes.MapDelete("/v1/projects/{project}", DeleteAsync).WithName("deleteProject").Takes(QueryParameter.Release).RequiresManage(Whereabouts.Project, Feature.Automations);
    }

    internal static async Task<Answer<Page<ProjectResource>>> ListAsync(HttpContext context, Projects projects, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await projects.ListAsync(context.Caller(), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<ProjectResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<ProjectResource>> GetAsync(string project, HttpContext context, Projects projects, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(project, "project") is not { } failure
        && (await projects.GetAsync(context.OrganizationId(), project, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<ProjectResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<ProjectResource>> PutAsync(
        string project, Body<DescriptionRequest> body, HttpContext context, Projects projects, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(project, "project") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && body.TryGet(out var request, out failure)
            ? await SaveAsync(project, request, precondition, context, projects, cancellationToken)
            : failure;

    internal static async Task<Answer<ProjectResource>> PatchAsync(string project, HttpContext context, Projects projects, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(project, "project") is { } failure
            ? failure
            : await Patching.RunAsync<Project, DescriptionRequest, ProjectResource>(
                context,
                () => projects.GetAsync(context.OrganizationId(), project, cancellationToken),
                static current => new DescriptionRequest { DisplayName = current.DisplayName, Description = current.Description },
                (request, precondition) => SaveAsync(project, request, precondition, context, projects, cancellationToken));

    internal static async Task<NothingToSay> DeleteAsync(string project, HttpContext context, Projects projects, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(project, "project") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && context.QueryFlag("release").TryGet(out var release, out failure)
            ? NothingToSay.Unless(await projects.DeleteAsync(context.Caller(), project, precondition, release, cancellationToken))
            : failure;

    private static async Task<Answer<ProjectResource>> SaveAsync(
        string project, DescriptionRequest request, Precondition precondition, HttpContext context, Projects projects, CancellationToken cancellationToken) =>
        FreeText.Check(request.DisplayName, request.Description) is not { } failure
        && (await projects.PutAsync(context.Caller(), project, request.DisplayName, request.Description, precondition, cancellationToken))
            .TryGet(out var saved, out failure)
            ? Answer<ProjectResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created)
            : failure;

    private static ProjectResource ToResource(Project project) => new(
        project.Name, project.DisplayName, project.Description, project.Changes.CreatedAt, project.Changes.UpdatedAt, project.Changes.UpdatedBy);
}
