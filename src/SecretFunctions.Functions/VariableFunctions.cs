using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>Variables, their versions and imports.</summary>
public sealed class VariableFunctions(ApiPipeline api)
{
    [Function("variables")]
    public Task RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/variables/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
