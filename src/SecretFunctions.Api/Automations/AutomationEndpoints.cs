using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Automations;

/// <summary><c>/v1/automations</c>.</summary>
internal static class AutomationEndpoints
{
    public static void MapAutomations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/automations", ListAsync).WithName("listAutomations").Takes(QueryParameter.Limit, QueryParameter.Cursor, QueryParameter.Project).RequiresView(Whereabouts.Thing, Feature.Automations);
        routes.MapGet("/v1/automations/{automation}", GetAsync).WithName("getAutomation").RequiresView(Whereabouts.Thing, Feature.Automations);
        routes.MapPut("/v1/automations/{automation}", PutAsync).WithName("putAutomation").RequiresManage(Whereabouts.Thing, Feature.Automations);
        routes.MapPatch("/v1/automations/{automation}", PatchAsync).WithName("patchAutomation").TakesPatchOf(typeof(AutomationRequest)).RequiresManage(Whereabouts.Thing, Feature.Automations);
        routes.MapDelete("/v1/automations/{automation}", DeleteAsync).WithName("deleteAutomation").Takes(QueryParameter.Release).RequiresManage(Whereabouts.Thing, Feature.Automations);
    }

    internal static async Task<Answer<Page<AutomationResource>>> ListAsync(
        HttpContext context, AutomationDirectory automations, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await automations.ListAsync(context.Caller(), context.Query("project"), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<AutomationResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<AutomationResource>> GetAsync(
        string automation, HttpContext context, AutomationDirectory automations, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(automation, "automation") is not { } failure
        && (await automations.FindAsync(context.Caller(), new Demand(Feature.Automations, Level.View), automation, null, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<AutomationResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<AutomationResource>> PutAsync(
        string automation, Body<AutomationRequest> body, HttpContext context, AutomationDirectory automations, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(automation, "automation") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && body.TryGet(out var request, out failure)
            ? await SaveAsync(automation, request, precondition, context, automations, cancellationToken)
            : failure;

    internal static async Task<Answer<AutomationResource>> PatchAsync(
        string automation, HttpContext context, AutomationDirectory automations, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(automation, "automation") is { } failure
            ? failure
            : await Patching.RunAsync<Automation, AutomationRequest, AutomationResource>(
                context,
                () => automations.FindAsync(context.Caller(), new Demand(Feature.Automations, Level.Manage), automation, null, cancellationToken),
                static current => new AutomationRequest
                {
                    Project = current.Project,
                    Owner = current.Owner,
                    DisplayName = current.DisplayName,
                    Description = current.Description,
                },
                (request, precondition) => SaveAsync(automation, request, precondition, context, automations, cancellationToken));

    internal static async Task<NothingToSay> DeleteAsync(
        string automation, HttpContext context, AutomationDirectory automations, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(automation, "automation") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && context.QueryFlag("release").TryGet(out var release, out failure)
            ? NothingToSay.Unless(await automations.DeleteAsync(context.Caller(), automation, precondition, release, cancellationToken))
            : failure;

    private static async Task<Answer<AutomationResource>> SaveAsync(
        string automation,
        AutomationRequest request,
        Precondition precondition,
        HttpContext context,
        AutomationDirectory automations,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var owner = caller.Principal.Type == PrincipalType.Member ? caller.Principal.Name : null;
        if ((RequestExtensions.CheckSlug(request.Project, "project") ?? FreeText.Check(request.DisplayName, request.Description)) is { } failure)
        {
            return failure;
        }

        if (request.Owner is not null && !MemberEmail.TryParse(request.Owner, out owner))
        {
            return Failure.Invalid("member.email_invalid", "An owner is a member's e-mail: letters, digits and ._+- around one @.");
        }

        return (await automations.PutAsync(caller, automation, request.Project, owner, request.DisplayName, request.Description, precondition, cancellationToken))
            .TryGet(out var saved, out failure)
            ? Answer<AutomationResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created)
            : failure;
    }

    private static AutomationResource ToResource(Automation automation) => new(
        automation.Name,
        automation.Project,
        automation.Owner,
        automation.DisplayName,
        automation.Description,
        automation.Changes.CreatedAt,
        automation.Changes.UpdatedAt,
        automation.Changes.UpdatedBy);
}
