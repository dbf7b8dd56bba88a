using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Access;

/// <summary><c>/v1/members</c>. Somebody can always see what they are themselves.</summary>
internal static class MemberEndpoints
{
    private static readonly Demand View = new(Feature.Members, Level.View);

    public static void MapMembers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/members", ListAsync).WithName("listMembers").Takes(QueryParameter.Paging).RequiresView(Whereabouts.Organization, Feature.Members);
        routes.MapGet("/v1/members/{member}", GetAsync).WithName("getMember").RequiresViewOrOwn(Whereabouts.Organization, Feature.Members);
        routes.MapPut("/v1/members/{member}", PutAsync).WithName("putMember").RequiresManage(Whereabouts.Organization, Feature.Members);
        routes.MapPatch("/v1/members/{member}", PatchAsync).WithName("patchMember").TakesPatchOf(typeof(MemberRequest)).RequiresManage(Whereabouts.Organization, Feature.Members);
        routes.MapDelete("/v1/members/{member}", DeleteAsync).WithName("deleteMember").RequiresManage(Whereabouts.Organization, Feature.Members);
    }

    internal static async Task<Answer<Page<MemberResource>>> ListAsync(HttpContext context, Members members, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var page = await members.ListAsync(context.OrganizationId(), paging.Limit, paging.From, cancellationToken);
        return Answer<Page<MemberResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<MemberResource>> GetAsync(string member, HttpContext context, Members members, CancellationToken cancellationToken)
    {
        if (Check(member, out var email) is { } failure)
        {
            return failure;
        }

        var caller = context.Caller();
        var own = caller.Principal == new Principal(PrincipalType.Member, email);
        return (failure = own ? null : Authorizer.Check(caller, View, Place.Organization)) is null
            && (await members.GetAsync(caller.OrganizationId, email, cancellationToken)).TryGet(out var stored, out failure)
                ? Answer<MemberResource>.Ok(ToResource(stored.Document), stored.ETag)
                : failure;
    }

    internal static async Task<Answer<MemberResource>> PutAsync(
        string member, Body<MemberRequest> body, HttpContext context, Members members, CancellationToken cancellationToken) =>
        Check(member, out var email) is not { } failure
        && context.Precondition().TryGet(out var precondition, out failure)
        && body.TryGet(out var request, out failure)
            ? await SaveAsync(email, request, precondition, context, members, cancellationToken)
            : failure;

    internal static Task<Answer<MemberResource>> PatchAsync(string member, HttpContext context, Members members, CancellationToken cancellationToken)
    {
        var wrong = Check(member, out var email);
        return Patching.RunAsync<Member, MemberRequest, MemberResource>(
            context,
            async () => wrong is not null ? wrong : await members.GetAsync(context.OrganizationId(), email, cancellationToken),
            static current => new MemberRequest { Roles = current.Roles, Projects = current.Projects, DisplayName = current.DisplayName },
            (request, precondition) => SaveAsync(email, request, precondition, context, members, cancellationToken));
    }

    internal static async Task<NothingToSay> DeleteAsync(string member, HttpContext context, Members members, CancellationToken cancellationToken) =>
        Check(member, out var email) is not { } failure && context.Precondition().TryGet(out var precondition, out failure)
            ? NothingToSay.Unless(await members.DeleteAsync(context.Caller(), email, precondition, cancellationToken))
            : failure;

    private static async Task<Answer<MemberResource>> SaveAsync(
        string email, MemberRequest request, Precondition precondition, HttpContext context, Members members, CancellationToken cancellationToken) =>
        FreeText.Check(request.DisplayName, null) is not { } failure
        && (await members.PutAsync(context.Caller(), email, new MemberInput(request.Roles, request.Projects, request.DisplayName), precondition, cancellationToken))
            .TryGet(out var saved, out failure)
            ? Answer<MemberResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created)
            : failure;

    private static Failure? Check(string member, out string email)
    {
        var known = MemberEmail.TryParse(member, out var parsed);
        email = parsed ?? "";
        return known ? null : Failure.Invalid("member.email_invalid", "A member is named by e-mail: letters, digits and ._+- around one @.");
    }

    private static MemberResource ToResource(Member member) => new(
        member.Email, member.Roles, member.Projects, member.DisplayName, member.Changes.CreatedAt, member.Changes.UpdatedAt, member.Changes.UpdatedBy);
}
