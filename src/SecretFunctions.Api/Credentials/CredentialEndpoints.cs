using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Credentials;

/// <summary><c>/v1/provider-credentials</c>.</summary>
internal static class CredentialEndpoints
{
    public static void MapCredentials(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/provider-credentials", ListAsync).WithName("listCredentials").Takes([QueryParameter.Provider, .. QueryParameter.Paging]).RequiresView(Whereabouts.Thing, Feature.SecretProviders);
        routes.MapGet("/v1/provider-credentials/{credential}", GetAsync).WithName("getCredential").RequiresView(Whereabouts.Thing, Feature.SecretProviders);
        routes.MapPut("/v1/provider-credentials/{credential}", PutAsync).WithName("putCredential").RequiresManage(Whereabouts.Thing, Feature.SecretProviders);
        routes.MapPatch("/v1/provider-credentials/{credential}", PatchAsync).WithName("patchCredential").TakesPatchOf(typeof(CredentialRequest)).RequiresManage(Whereabouts.Thing, Feature.SecretProviders);
        routes.MapDelete("/v1/provider-credentials/{credential}", DeleteAsync).WithName("deleteCredential").Takes(QueryParameter.Force).RequiresManage(Whereabouts.Thing, Feature.SecretProviders);
    }

    internal static async Task<Answer<Page<CredentialResource>>> ListAsync(
        HttpContext context, CredentialDirectory credentials, ProviderCatalog providers, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await credentials.ListAsync(context.Caller(), context.Query("provider"), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<CredentialResource>>.Ok(new([.. page.Items.Select(item => CredentialForms.ToResource(providers, item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<CredentialResource>> GetAsync(
        string credential, HttpContext context, CredentialDirectory credentials, ProviderCatalog providers, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(credential, "credential") is not { } failure
        && (await credentials.FindAsync(context.Caller(), credential, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<CredentialResource>.Ok(CredentialForms.ToResource(providers, stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<CredentialResource>> PutAsync(
        string credential, Body<CredentialRequest> body, HttpContext context, CredentialDirectory credentials, ProviderCatalog providers, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(credential, "credential") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && body.TryGet(out var request, out failure)
            ? await SaveAsync(credential, request, precondition, context, credentials, providers, cancellationToken)
            : failure;

    /// <summary>The stored fields take part in the merge, so a patch may send a new secret and nothing else.</summary>
    internal static Task<Answer<CredentialResource>> PatchAsync(
        string credential, HttpContext context, CredentialDirectory credentials, ProviderCatalog providers, CancellationToken cancellationToken) =>
        Patching.RunAsync<ProviderCredential, CredentialRequest, CredentialResource>(
            context,
            async () => RequestExtensions.CheckSlug(credential, "credential") is { } failure
                ? failure
                : await credentials.FindManagedAsync(context.Caller(), credential, cancellationToken),
            current => CredentialForms.ToRequest(providers, context.Session().View, current),
            (request, precondition) => SaveAsync(credential, request, precondition, context, credentials, providers, cancellationToken),
            CredentialForms.ForPatch);

    internal static async Task<NothingToSay> DeleteAsync(
        string credential, HttpContext context, CredentialDirectory credentials, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(credential, "credential") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && context.QueryFlag("force").TryGet(out var force, out failure)
            ? NothingToSay.Unless(await credentials.DeleteAsync(context.Caller(), credential, precondition, force, cancellationToken))
            : failure;

    private static async Task<Answer<CredentialResource>> SaveAsync(
        string credential,
        CredentialRequest request,
        Precondition precondition,
        HttpContext context,
        CredentialDirectory credentials,
        ProviderCatalog providers,
        CancellationToken cancellationToken) =>
        CredentialForms.Parse(request).TryGet(out var input, out var failure)
        && (await credentials.PutAsync(context.Caller(), credential, input, precondition, cancellationToken)).TryGet(out var saved, out failure)
            ? Answer<CredentialResource>.Saved(CredentialForms.ToResource(providers, saved.Document), saved.ETag, saved.Created)
            : failure;
}
