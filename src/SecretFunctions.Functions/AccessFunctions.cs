using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>Who may call, and who is calling.</summary>
public sealed class AccessFunctions(ApiPipeline api)
{
    [Function("access")]
    public Task RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/whoami/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("access-roles")]
    public Task RunRolesAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/roles/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("access-members")]
    public Task RunMembersAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/members/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("access-api-keys")]
    public Task RunApiKeysAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/api-keys/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("access-trusted-issuers")]
    public Task RunTrustedIssuersAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/trusted-issuers/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
