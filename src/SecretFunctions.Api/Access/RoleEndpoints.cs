using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Access;

/// <summary><c>/v1/roles</c>: the built-in ones, which stay as they are, and the organization's own.</summary>
internal static class RoleEndpoints
{
    public static void MapRoles(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/roles", ListAsync).WithName("listRoles").Takes(QueryParameter.Paging).RequiresView(Whereabouts.Organization, Feature.Members);
        routes.MapGet("/v1/roles/{name}", GetAsync).WithName("getRole").RequiresView(Whereabouts.Organization, Feature.Members);
        routes.MapPut("/v1/roles/{name}", PutAsync).WithName("putRole").RequiresManage(Whereabouts.Organization, Feature.Members);
        routes.MapPatch("/v1/roles/{name}", PatchAsync).WithName("patchRole").TakesPatchOf(typeof(RoleRequest)).RequiresManage(Whereabouts.Organization, Feature.Members);
        routes.MapDelete("/v1/roles/{name}", DeleteAsync).WithName("deleteRole").RequiresManage(Whereabouts.Organization, Feature.Members);
    }

    internal static async Task<Answer<Page<RoleResource>>> ListAsync(HttpContext context, Roles roles, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await roles.ListAsync(context.OrganizationId(), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<RoleResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<RoleResource>> GetAsync(string name, HttpContext context, Roles roles, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(name, "role") is not { } failure
        && (await roles.GetAsync(context.OrganizationId(), name, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<RoleResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<RoleResource>> PutAsync(
        string name, Body<RoleRequest> body, HttpContext context, Roles roles, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(name, "role") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && body.TryGet(out var request, out failure)
            ? await SaveAsync(name, request, precondition, context, roles, cancellationToken)
            : failure;

    internal static Task<Answer<RoleResource>> PatchAsync(string name, HttpContext context, Roles roles, CancellationToken cancellationToken) =>
        Patching.RunAsync<Role, RoleRequest, RoleResource>(
            context,
            async () => RequestExtensions.CheckSlug(name, "role") is { } failure ? failure : await roles.GetAsync(context.OrganizationId(), name, cancellationToken),
            static current => new RoleRequest { Permissions = current.Permissions, Projects = current.Projects, Environments = current.Environments },
            (request, precondition) => SaveAsync(name, request, precondition, context, roles, cancellationToken));

    internal static async Task<NothingToSay> DeleteAsync(string name, HttpContext context, Roles roles, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(name, "role") is not { } failure && context.Precondition().TryGet(out var precondition, out failure)
            ? NothingToSay.Unless(await roles.DeleteAsync(context.Caller(), name, precondition, cancellationToken))
            : failure;

    private static async Task<Answer<RoleResource>> SaveAsync(
        string name, RoleRequest request, Precondition precondition, HttpContext context, Roles roles, CancellationToken cancellationToken) =>
        NullAmong(request.Permissions) is not { } failure
        && (await roles.PutAsync(context.Caller(), name, new RoleInput(request.Permissions, request.Projects, request.Environments), precondition, cancellationToken))
            .TryGet(out var saved, out failure)
            ? Answer<RoleResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created)
            : failure;

    private static Failure? NullAmong(IReadOnlyDictionary<string, string> permissions) =>
        permissions.FirstOrDefault(static level => level.Value is null).Key is { } feature ? JsonBody.NullAt($"permissions.{feature}") : null;

    private static RoleResource ToResource(Role role) => new(
        role.Name,
        role.Changes is null,
        role.Permissions,
        role.Projects,
        role.Environments,
        role.Changes?.CreatedAt,
        role.Changes?.UpdatedAt,
        role.Changes?.UpdatedBy);
}
