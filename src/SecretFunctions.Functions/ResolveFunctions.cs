using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>What a kickoff calls.</summary>
public sealed class ResolveFunctions(ApiPipeline api)
{
    [Function("resolve")]
    public Task RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/resolve/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("resolve-render")]
    public Task RunRenderAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/render/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
