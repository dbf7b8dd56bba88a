using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Api.Resolve;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;

namespace SecretFunctions.Api.Automations;

/// <summary><c>/v1/automations/{automation}/snapshots</c>: deploy-time resolution.</summary>
internal static class SnapshotEndpoints
{
    public static void MapSnapshots(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/automations/{automation}/snapshots", ListAsync).WithName("listSnapshots").Takes(QueryParameter.Paging).RequiresView(Whereabouts.Thing, Feature.Automations);
        routes.MapPost("/v1/automations/{automation}/snapshots", CreateAsync).WithName("createSnapshot").Makes().RequiresManage(Whereabouts.Thing, Feature.Automations);
        routes.MapGet("/v1/automations/{automation}/snapshots/{id}", GetAsync).WithName("getSnapshot").RequiresView(Whereabouts.Thing, Feature.Automations);
        routes.MapDelete("/v1/automations/{automation}/snapshots/{id}", DeleteAsync).WithName("deleteSnapshot").RequiresManage(Whereabouts.Thing, Feature.Automations);
    }

    internal static async Task<Answer<Page<SnapshotResource>>> ListAsync(
        string automation, HttpContext context, Snapshots snapshots, CancellationToken cancellationToken)
    {
        if (RequestExtensions.CheckSlug(automation, "automation") is { } failure
            || !Paging.Read(context).TryGet(out var paging, out failure)
            || !(await snapshots.ListAsync(context.Caller(), automation, paging.Limit, paging.From, cancellationToken)).TryGet(out var page, out failure))
        {
            return failure;
        }

        return Answer<Page<SnapshotResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<SnapshotResource>> CreateAsync(
        string automation, Body<SnapshotRequest> body, HttpContext context, Snapshots snapshots, CancellationToken cancellationToken)
    {
        if (RequestExtensions.CheckSlug(automation, "automation") is { } failure
            || !body.TryGet(out var request, out failure)
            || (failure = FreeText.Check(null, request.Description)) is not null
            || !ResolveInputs.Parse(automation, null, request.Environment, request.Tags, request.Kickoff, fresh: false, partial: false, snapshot: null)
                .TryGet(out var input, out failure)
            || !(await snapshots.CreateAsync(context.Session(), automation, input, request.Description, cancellationToken)).TryGet(out var saved, out failure))
        {
            return failure;
        }

        return Answer<SnapshotResource>.Saved(ToResource(saved.Document), saved.ETag, created: true);
    }

    internal static async Task<Answer<SnapshotResource>> GetAsync(
        string automation, string id, HttpContext context, Snapshots snapshots, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(automation, "automation") is not { } failure
        && (await snapshots.GetAsync(context.Caller(), automation, id, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<SnapshotResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<NothingToSay> DeleteAsync(
        string automation, string id, HttpContext context, Snapshots snapshots, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(automation, "automation") is not { } failure && context.Precondition().TryGet(out var precondition, out failure)
            ? NothingToSay.Unless(await snapshots.DeleteAsync(context.Caller(), automation, id, precondition, cancellationToken))
            : failure;

    private static SnapshotResource ToResource(Snapshot snapshot) => new(
        snapshot.Id,
        snapshot.Automation,
        snapshot.Environment,
        snapshot.Description,
        [.. snapshot.Entries.Select(static entry => new SnapshotVariable(entry.Key, entry.Scope, entry.From, entry.Credential, entry.Secret, entry.Version))],
        snapshot.Changes.CreatedAt,
        snapshot.Changes.UpdatedAt,
        snapshot.Changes.UpdatedBy);
}
