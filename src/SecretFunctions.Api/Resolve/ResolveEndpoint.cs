using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Api.Resolve;

/// <summary><c>POST /v1/resolve</c>: the call an automation makes at its kickoff.</summary>
internal static class ResolveEndpoint
{
    public static void MapResolve(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/resolve", HandleAsync).WithName("resolve").MayAnswer<SealedResolveResponse>().RequiresResolve();

    internal static async Task<ResolveAnswer> HandleAsync(
        Body<ResolveRequest> body, HttpContext context, Resolver resolver, CancellationToken cancellationToken)
    {
        if (!body.TryGet(out var request, out var failure)
            || !ResolveInputs.Parse(
                request.Automation, request.Project, request.Environment, request.Tags, request.Kickoff, request.Fresh, request.Partial, request.Snapshot)
                .TryGet(out var input, out failure)
            || !ParseRecipient(request.SealTo).TryGet(out var sealTo, out failure)
            || !(await resolver.ResolveAsync(context.Session(), input, "variable.resolve", cancellationToken)).TryGet(out var resolution, out failure))
        {
            return failure;
        }

        return new ResolveAnswer(resolution, sealTo.Recipient);
    }

    private static Result<(Recipient? Recipient, bool Ok)> ParseRecipient(JsonElement? jwk) =>
        jwk is not { } key ? (null, true)
        : Recipient.Parse(key).TryGet(out var recipient, out var failure) ? (recipient, true)
        : failure;
}
