using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>The token issuer: what clouds read, and tokens for automations.</summary>
public sealed class OidcFunctions(ApiPipeline api)
{
    [Function("oidc")]
    public Task RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = ".well-known/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("oidc-tokens")]
    public Task RunTokensAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/tokens/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
