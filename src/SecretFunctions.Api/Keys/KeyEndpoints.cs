using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Api.Keys;

/// <summary><c>/v1/keys</c>: the service's own keys. Those of the deployment are the operator's to change, an organization's are its own.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/keys", ListAsync).WithName("listKeys").RequiresView(Whereabouts.Organization, Feature.Keys);
        routes.MapPost("/v1/keys/{kind}/rotate", RotateAsync).WithName("rotateKey").RequiresManage(Whereabouts.Organization, Feature.Keys).IsCostly();
        routes.MapDelete("/v1/keys/signing/{id}", RevokeAsync).WithName("revokeSigningKey").RequiresOperator();
    }

    internal static async Task<Answer<KeysResponse>> ListAsync(HttpContext context, KeyKinds kinds, CancellationToken cancellationToken)
    {
        var reports = new List<KeyKindResource>();
        foreach (var kind in kinds.All.Where(kind => !kind.IsForTheOperatorAlone || context.Caller().IsOperator))
        {
            if (!(await kind.ReportAsync(context.Session(), cancellationToken)).TryGet(out var report, out var failure))
            {
                return failure;
            }

            reports.Add(report);
        }

        return Answer<KeysResponse>.Ok(new KeysResponse(reports));
    }

    internal static async Task<Answer<KeyKindResource>> RotateAsync(string kind, HttpContext context, KeyKinds kinds, CancellationToken cancellationToken)
    {
        if (kinds.All.FirstOrDefault(candidate => candidate.Name == kind) is not { } named)
        {
            return Failure.NotFound("key.kind_unknown", $"There are no keys of this kind; there are {string.Join(", ", kinds.All.Select(static kind => kind.Name))}.");
        }

        var session = context.Session();
        var failure = (named.Scope == KeyKind.Deployment ? Authorizer.CheckOperator(session.Caller) : null) ?? await named.RotateAsync(session, cancellationToken);
        return failure is null && (await named.ReportAsync(session, cancellationToken)).TryGet(out var report, out failure)
            ? Answer<KeyKindResource>.Ok(report)
            : failure!;
    }

    internal static async Task<NothingToSay> RevokeAsync(string id, HttpContext context, SigningKeyDirectory signingKeys, CancellationToken cancellationToken) =>
        context.Precondition().TryGet(out var precondition, out var failure)
            ? NothingToSay.Unless(await signingKeys.RevokeAsync(context.Caller(), id, precondition, cancellationToken))
            : failure;
}
