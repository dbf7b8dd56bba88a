using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Api.Access;

/// <summary><c>/v1/trusted-issuers</c>. They let people and machines in, as API keys do, and ask for the same permission.</summary>
internal static class TrustedIssuerEndpoints
{
    public static void MapTrustedIssuers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/trusted-issuers", ListAsync).WithName("listTrustedIssuers").Takes(QueryParameter.Paging).RequiresView(Whereabouts.Thing, Feature.ApiKeys);
        routes.MapGet("/v1/trusted-issuers/{name}", GetAsync).WithName("getTrustedIssuer").RequiresView(Whereabouts.Thing, Feature.ApiKeys);
        routes.MapPut("/v1/trusted-issuers/{name}", PutAsync).WithName("putTrustedIssuer").RequiresManage(Whereabouts.Thing, Feature.ApiKeys);
        routes.MapDelete("/v1/trusted-issuers/{name}", DeleteAsync).WithName("deleteTrustedIssuer").RequiresManage(Whereabouts.Thing, Feature.ApiKeys);
    }

    internal static async Task<Answer<Page<TrustedIssuerResource>>> ListAsync(HttpContext context, TrustedIssuers issuers, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await issuers.ListAsync(context.Caller(), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<TrustedIssuerResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<TrustedIssuerResource>> GetAsync(string name, HttpContext context, TrustedIssuers issuers, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(name, "trusted issuer") is not { } failure
        && (await issuers.GetAsync(context.Caller(), name, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<TrustedIssuerResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<TrustedIssuerResource>> PutAsync(
        string name, Body<TrustedIssuerRequest> body, HttpContext context, TrustedIssuers issuers, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(name, "trusted issuer") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && body.TryGet(out var request, out failure)
        && Parse(request).TryGet(out var input, out failure)
        && (await issuers.PutAsync(context.Caller(), name, input, precondition, cancellationToken)).TryGet(out var saved, out failure)
            ? Answer<TrustedIssuerResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created)
            : failure;

    internal static async Task<NothingToSay> DeleteAsync(string name, HttpContext context, TrustedIssuers issuers, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(name, "trusted issuer") is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
            ? NothingToSay.Unless(await issuers.DeleteAsync(context.Caller(), name, precondition, cancellationToken))
            : failure;

    private static Result<TrustedIssuerInput> Parse(TrustedIssuerRequest request)
    {
        if (!PrincipalForm.Parse(request.Principal).TryGet(out var principal, out var failure))
        {
            return failure;
        }

        if (principal.Type == PrincipalType.Service)
        {
            return Failure.Invalid("principal.invalid", "A trusted issuer stands for a member or an automation.");
        }

        var conditions = (request.Conditions ?? new Dictionary<string, ClaimValues>()).Select(static condition => new ClaimCondition(condition.Key, condition.Value.Values));
        return new TrustedIssuerInput(request.Issuer, request.Audience, [.. conditions], principal, request.JwksUri);
    }

    private static TrustedIssuerResource ToResource(TrustedIssuer issuer) => new(
        issuer.Name,
        issuer.Issuer,
        issuer.Audience,
        issuer.Conditions.ToDictionary(static condition => condition.Claim, static condition => new ClaimValues(condition.Values)),
        PrincipalForm.ToReference(issuer.Principal),
        issuer.JwksUri,
        issuer.Changes.CreatedAt,
        issuer.Changes.UpdatedAt,
        issuer.Changes.UpdatedBy);
}
