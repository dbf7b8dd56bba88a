using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Api.Resolve;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Api.Oidc;

/// <summary><c>POST /v1/tokens</c>: an OIDC token about the calling automation, for its own use.</summary>
internal static class TokensEndpoint
{
    public static void MapTokens(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/tokens", MintAsync).WithName("mintToken").RequiresRecognition().IsCostly();

    internal static async Task<Answer<TokenMintResponse>> MintAsync(
        Body<TokenMintRequest> body, HttpContext context, AutomationTokens tokens, CancellationToken cancellationToken)
    {
        if (!body.TryGet(out var request, out var failure)
            || !Parse(request).TryGet(out var input, out failure)
            || !(await tokens.MintAsync(context.Session(), input, cancellationToken)).TryGet(out var issued, out failure))
        {
            return failure;
        }

        using (issued)
        {
            return Answer<TokenMintResponse>.Ok(new TokenMintResponse(new SensitiveText(issued.Token.Reveal().ToArray()), issued.ExpiresAt));
        }
    }

    private static Result<TokenInput> Parse(TokenMintRequest request)
    {
        var environment = request.Environment ?? DeploymentEnvironment.Default;
        if (!WorkloadIdentityDirectory.IsAudience(request.Audience))
        {
            return Failure.Invalid("token.audience_invalid", $"An audience has 1 to {WorkloadIdentityDirectory.MaxAudienceLength} printable characters.");
        }

        return RequestExtensions.CheckSlug(environment, "environment") is not { } failure
            && (request.Config is null || (failure = RequestExtensions.CheckSlug(request.Config, "configuration")) is null)
            && ResolveInputs.ParseKickoff(request.Kickoff).TryGet(out var known, out failure)
                ? new TokenInput(request.Audience, environment, request.Config, known.Kickoff)
                : failure;
    }
}
