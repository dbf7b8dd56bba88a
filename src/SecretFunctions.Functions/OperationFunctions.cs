using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>What operators and the platform ask.</summary>
public sealed class OperationFunctions(ApiPipeline api)
{
    [Function("operations-cache")]
    public Task RunCacheAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/cache/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("operations-keys")]
    public Task RunKeysAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/keys/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("operations-sealing-key")]
    public Task RunSealingKeyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/sealing-key/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("operations-audit-events")]
    public Task RunAuditEventsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/audit-events/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("operations-events")]
    public Task RunEventsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/events/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("operations-health")]
    public Task RunHealthAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "health/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("operations-openapi")]
    public Task RunOpenApiAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "openapi/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
