using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Api.Organizations;

/// <summary><c>/v1/organizations/{org}</c>: the deployment operator's.</summary>
internal static class OrganizationEndpoints
{
    public static void MapOrganizations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/organizations/{organization}", GetAsync).WithName("getOrganization").RequiresOperator();
        routes.MapPut("/v1/organizations/{organization}", PutAsync).WithName("putOrganization").RequiresOperator();
        routes.MapDelete("/v1/organizations/{organization}", DeleteAsync).WithName("deleteOrganization").Takes(QueryParameter.Release).RequiresOperator();
    }

    internal static async Task<Answer<OrganizationResource>> GetAsync(
        string organization, OrganizationDirectory organizations, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(organization, "organization") is not { } failure
        && (await organizations.GetAsync(organization, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<OrganizationResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<OrganizationResource>> PutAsync(
        string organization, Body<OrganizationRequest> body, HttpContext context, OrganizationDirectory organizations, CancellationToken cancellationToken)
    {
        if (RequestExtensions.CheckSlug(organization, "organization") is { } failure
            || !context.Precondition().TryGet(out var precondition, out failure)
            || !body.TryGet(out var request, out failure)
            || (failure = FreeText.Check(request.DisplayName, request.Description)) is not null
            || (failure = CheckAudiences(request.TokenAudiences ?? [])) is not null
            || !(await organizations.PutAsync(
                context.Caller(),
                organization,
                new OrganizationInput(request.DisplayName, request.Description, request.TokenAudiences ?? []),
                precondition,
                cancellationToken)).TryGet(out var saved, out failure))
        {
            return failure;
        }

        return Answer<OrganizationResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created);
    }

    internal static async Task<NothingToSay> DeleteAsync(
        string organization, HttpContext context, OrganizationDirectory organizations, CancellationToken cancellationToken) =>
        (RequestExtensions.CheckSlug(organization, "organization") ?? CheckNotUnderfoot(organization, context.Caller())) is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && context.QueryFlag("release").TryGet(out var release, out failure)
            ? NothingToSay.Unless(await organizations.DeleteAsync(context.Caller(), organization, precondition, release, cancellationToken))
            : failure;

    /// <summary>The operator stands in the default organization unless another is named: with none left to stand in, nothing could be made again.</summary>
    private static Failure? CheckNotUnderfoot(string organization, Caller caller) =>
        organization == Deployment.DefaultOrganization && caller.OrganizationName == organization
            ? Failure.Conflict("organization.in_use", "This call works in the default organization itself. To delete it, name another one with X-Organization.")
            : null;

    private static Failure? CheckAudiences(IReadOnlyList<string> audiences) =>
        audiences.Count > TokenAudiences.Max || audiences.Any(static audience => audience is null || !WorkloadIdentityDirectory.IsAudience(audience))
            ? Failure.Invalid(
                "organization.token_audiences_invalid",
                $"At most {TokenAudiences.Max} audiences, each of 1 to {WorkloadIdentityDirectory.MaxAudienceLength} printable characters.")
            : null;

    private static OrganizationResource ToResource(Organization organization) => new(
        organization.Name,
        organization.DisplayName,
        organization.Description,
        organization.TokenAudiences ?? [],
        organization.Changes.CreatedAt,
        organization.Changes.UpdatedAt,
        organization.Changes.UpdatedBy);
}
