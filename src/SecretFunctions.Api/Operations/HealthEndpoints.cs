using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Health;

namespace SecretFunctions.Api.Operations;

/// <summary>Alive: the process answers. Ready: it can serve, or says what is not.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", Live).WithName("live").AllowsAnyone();
        routes.MapGet("/health/ready", ReadyAsync).WithName("ready").AllowsAnyone()
            .Produces<HealthResponse>().Produces<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
    }

    internal static Answer<HealthResponse> Live() => Answer<HealthResponse>.Ok(new HealthResponse("ok", []));

    internal static async Task<JsonHttpResult<HealthResponse>> ReadyAsync(Readiness readiness, CancellationToken cancellationToken)
    {
        var parts = await readiness.CheckAsync(cancellationToken);
        var ok = parts.All(static part => part.IsReady);
        return TypedResults.Json(
            new HealthResponse(ok ? "ok" : "unavailable", [.. parts.Select(static part => new HealthCheck(part.Part, part.IsReady, part.Problem))]),
            ContractsJson.Default.HealthResponse,
            statusCode: ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
