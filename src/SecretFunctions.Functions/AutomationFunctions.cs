using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>Automations, and what they are grouped by.</summary>
public sealed class AutomationFunctions(ApiPipeline api)
{
    [Function("automations")]
    public Task RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/automations/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("automations-projects")]
    public Task RunProjectsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/projects/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("automations-environments")]
    public Task RunEnvironmentsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/environments/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);

    [Function("automations-organizations")]
    public Task RunOrganizationsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/organizations/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
