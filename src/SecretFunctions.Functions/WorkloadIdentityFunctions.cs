using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>How our tokens are exchanged for access in a cloud.</summary>
public sealed class WorkloadIdentityFunctions(ApiPipeline api)
{
    [Function("workload-identity")]
    public Task RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/workload-identity-configs/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
