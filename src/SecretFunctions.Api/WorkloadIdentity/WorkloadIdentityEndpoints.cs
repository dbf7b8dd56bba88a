using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Api.WorkloadIdentity;

/// <summary><c>/v1/workload-identity-configs</c>.</summary>
internal static class WorkloadIdentityEndpoints
{
    public static void MapWorkloadIdentityConfigs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/workload-identity-configs", ListAsync).WithName("listWorkloadIdentityConfigs").Takes(QueryParameter.Paging).RequiresView(Whereabouts.Thing, Feature.WorkloadIdentityConfigs);
        routes.MapGet("/v1/workload-identity-configs/{config}", GetAsync).WithName("getWorkloadIdentityConfig").RequiresView(Whereabouts.Thing, Feature.WorkloadIdentityConfigs);
        routes.MapPut("/v1/workload-identity-configs/{config}", PutAsync).WithName("putWorkloadIdentityConfig").RequiresManage(Whereabouts.Thing, Feature.WorkloadIdentityConfigs);
        routes.MapPatch("/v1/workload-identity-configs/{config}", PatchAsync).WithName("patchWorkloadIdentityConfig").TakesPatchOf(typeof(WorkloadIdentityConfigRequest)).RequiresManage(Whereabouts.Thing, Feature.WorkloadIdentityConfigs);
        routes.MapDelete("/v1/workload-identity-configs/{config}", DeleteAsync).WithName("deleteWorkloadIdentityConfig").Takes(QueryParameter.Force).RequiresManage(Whereabouts.Thing, Feature.WorkloadIdentityConfigs);
    }

    internal static async Task<Answer<Page<WorkloadIdentityConfigResource>>> ListAsync(
        HttpContext context, WorkloadIdentityDirectory configs, ProviderCatalog providers, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await configs.ListAsync(context.Caller(), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<WorkloadIdentityConfigResource>>.Ok(
            new([.. page.Items.Select(item => WorkloadIdentityForms.ToResource(providers, item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<WorkloadIdentityConfigResource>> GetAsync(
        string config, HttpContext context, WorkloadIdentityDirectory configs, ProviderCatalog providers, CancellationToken cancellationToken) =>
        CheckName(config) is not { } failure
        && (await configs.FindAsync(context.Caller(), config, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<WorkloadIdentityConfigResource>.Ok(WorkloadIdentityForms.ToResource(providers, stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<WorkloadIdentityConfigResource>> PutAsync(
        string config,
        Body<WorkloadIdentityConfigRequest> body,
        HttpContext context,
        WorkloadIdentityDirectory configs,
        ProviderCatalog providers,
        CancellationToken cancellationToken) =>
        CheckName(config) is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && body.TryGet(out var request, out failure)
            ? await SaveAsync(config, request, precondition, context, configs, providers, cancellationToken)
            : failure;

    internal static Task<Answer<WorkloadIdentityConfigResource>> PatchAsync(
        string config, HttpContext context, WorkloadIdentityDirectory configs, ProviderCatalog providers, CancellationToken cancellationToken) =>
        Patching.RunAsync<WorkloadIdentityConfig, WorkloadIdentityConfigRequest, WorkloadIdentityConfigResource>(
            context,
            async () => CheckName(config) is { } failure ? failure : await configs.FindManagedAsync(context.Caller(), config, cancellationToken),
            current => WorkloadIdentityForms.ToRequest(providers, current),
            (request, precondition) => SaveAsync(config, request, precondition, context, configs, providers, cancellationToken),
            WorkloadIdentityForms.ForPatch);

    internal static async Task<NothingToSay> DeleteAsync(
        string config, HttpContext context, WorkloadIdentityDirectory configs, CancellationToken cancellationToken) =>
        CheckName(config) is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && context.QueryFlag("force").TryGet(out var force, out failure)
            ? NothingToSay.Unless(await configs.DeleteAsync(context.Caller(), config, precondition, force, cancellationToken))
            : failure;

    private static async Task<Answer<WorkloadIdentityConfigResource>> SaveAsync(
        string config,
        WorkloadIdentityConfigRequest request,
        Precondition precondition,
        HttpContext context,
        WorkloadIdentityDirectory configs,
        ProviderCatalog providers,
        CancellationToken cancellationToken) =>
        WorkloadIdentityForms.Parse(request).TryGet(out var input, out var failure)
        && (await configs.PutAsync(context.Caller(), config, input, precondition, cancellationToken)).TryGet(out var saved, out failure)
            ? Answer<WorkloadIdentityConfigResource>.Saved(WorkloadIdentityForms.ToResource(providers, saved.Document), saved.ETag, saved.Created)
            : failure;

    private static Core.Failure? CheckName(string config) => RequestExtensions.CheckSlug(config, "configuration");
}
