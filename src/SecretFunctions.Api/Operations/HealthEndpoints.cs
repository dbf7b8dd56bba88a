using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

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

    internal static async Task<JsonHttpResult<HealthResponse>> ReadyAsync(IEntityStore store, RootKeyProbe rootKey, CancellationToken cancellationToken)
    {
        HealthCheck[] checks =
        [
            await CheckAsync("store", async () => await Deployment.HasDataAsync(store, cancellationToken) ? null : "The store has not been set up."),
            await CheckAsync("root-key", () => rootKey.CheckAsync(cancellationToken)),
        ];
        var ok = checks.All(static check => check.Ok);
        return TypedResults.Json(
            new HealthResponse(ok ? "ok" : "unavailable", checks),
            ContractsJson.Default.HealthResponse,
            statusCode: ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<HealthCheck> CheckAsync(string name, Func<Task<string?>> check)
    {
        try
        {
            var problem = await check();
            return new HealthCheck(name, problem is null, problem);
        }
        catch (StoreUnavailableException exception)
        {
            return new HealthCheck(name, false, exception.Message);
        }
    }
}
