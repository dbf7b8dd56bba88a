using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Functions;

/// <summary>How external stores are reached.</summary>
public sealed class CredentialFunctions(ApiPipeline api)
{
    [Function("credentials")]
    public Task RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/provider-credentials/{*path}")] HttpRequest request) =>
        api.InvokeAsync(request.HttpContext);
}
