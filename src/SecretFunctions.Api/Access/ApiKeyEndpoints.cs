using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Api.Access;

/// <summary><c>/v1/api-keys</c>.</summary>
internal static class ApiKeyEndpoints
{
    private const int MaxNameLength = 200;

    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/api-keys", ListAsync).WithName("listApiKeys").Takes(QueryParameter.Paging).RequiresViewOrOwn(Whereabouts.Thing, Feature.ApiKeys);
        routes.MapPost("/v1/api-keys", CreateAsync).WithName("createApiKey").Makes().RequiresManageOrOwn(Whereabouts.Thing, Feature.ApiKeys);
        routes.MapGet("/v1/api-keys/{id}", GetAsync).WithName("getApiKey").RequiresViewOrOwn(Whereabouts.Thing, Feature.ApiKeys);
        routes.MapDelete("/v1/api-keys/{id}", DeleteAsync).WithName("deleteApiKey").RequiresManageOrOwn(Whereabouts.Thing, Feature.ApiKeys);
        routes.MapPut("/v1/api-keys/{id}/personal", LendAsync).WithName("lendPersonalToApiKey").RequiresMember();
        routes.MapDelete("/v1/api-keys/{id}/personal", TakeBackAsync).WithName("takeBackPersonalFromApiKey").RequiresMember();
    }

    internal static async Task<Answer<Page<ApiKeyResource>>> ListAsync(HttpContext context, ApiKeys keys, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await keys.ListAsync(context.Caller(), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<ApiKeyResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<ApiKeyResource>> CreateAsync(
        Body<ApiKeyRequest> body, HttpContext context, ApiKeys keys, CancellationToken cancellationToken)
    {
        if (!body.TryGet(out var request, out var failure)
            || !Parse(request).TryGet(out var input, out failure)
            || !(await keys.CreateAsync(context.Caller(), input, cancellationToken)).TryGet(out var made, out failure))
        {
            return failure;
        }

        return Answer<ApiKeyResource>.Created(ToResource(made.Key) with { Key = new SensitiveText(Encoding.ASCII.GetBytes(made.Text)) });
    }

    internal static async Task<Answer<ApiKeyResource>> GetAsync(string id, HttpContext context, ApiKeys keys, CancellationToken cancellationToken) =>
        (await keys.GetAsync(context.Caller(), id, cancellationToken)).TryGet(out var stored, out var failure)
            ? Answer<ApiKeyResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<NothingToSay> DeleteAsync(string id, HttpContext context, ApiKeys keys, CancellationToken cancellationToken) =>
        context.Precondition().TryGet(out var precondition, out var failure)
            ? NothingToSay.Unless(await keys.DeleteAsync(context.Caller(), id, precondition, cancellationToken))
            : failure;

    internal static async Task<NothingToSay> LendAsync(string id, HttpContext context, ApiKeys keys, CancellationToken cancellationToken) =>
        NothingToSay.Unless(await keys.LendAsync(context.Caller(), id, cancellationToken));

    internal static async Task<NothingToSay> TakeBackAsync(string id, HttpContext context, ApiKeys keys, CancellationToken cancellationToken) =>
        NothingToSay.Unless(await keys.TakeBackAsync(context.Caller(), id, cancellationToken));

    private static Result<ApiKeyInput> Parse(ApiKeyRequest request)
    {
        if (request.Name.Length is 0 or > MaxNameLength || request.Name.Any(char.IsControl))
        {
            return Failure.Invalid("name.invalid", $"A key's name has 1 to {MaxNameLength} characters, none of them a control character.");
        }

        if (!PrincipalForm.Parse(request.Principal).TryGet(out var principal, out var failure))
        {
            return failure;
        }

        return new ApiKeyInput(request.Name, principal, request.Permissions, request.Projects, request.Environments, request.ExpiresAt?.ToUniversalTime());
    }

    private static ApiKeyResource ToResource(ApiKey key) => new(
        key.Id,
        key.Name,
        PrincipalForm.ToReference(key.Principal),
        key.Permissions,
        key.Projects,
        key.Environments,
        key.ExpiresAt,
        key.Changes.CreatedAt,
        key.Changes.UpdatedAt,
        key.Changes.UpdatedBy)
    {
        PersonalOf = key.LentBy?.Email,
    };
}
