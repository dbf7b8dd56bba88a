using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Variables;

/// <summary><c>POST /v1/variables/{environment}/import</c>: a dotenv document.</summary>
internal static class ImportEndpoint
{
    public static void MapImport(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/variables/{environment}/import", HandleAsync)
            .WithName("importVariables")
            .WithMetadata(new BodyDescription(typeof(string), IsPatch: false, "text/plain"))
            .Takes(QueryParameter.Scope, QueryParameter.DryRun)
            .RequiresManage(Whereabouts.Scope, Feature.EnvironmentVariables);

    internal static async Task<Answer<ImportResponse>> HandleAsync(
        string environment, HttpContext context, DotenvImport import, CancellationToken cancellationToken)
    {
        if (RequestExtensions.CheckSlug(environment, "environment") is { } failure
            || !VariableScope.TryParse(context.Query("scope"), context.Caller(), out var scope, out failure)
            || !context.QueryFlag("dryRun").TryGet(out var dryRun, out failure)
            || !(await RequestBody.ReadAsync(context, "text/plain")).TryGet(out var body, out failure))
        {
            return failure;
        }

        using (body)
        {
            return (await import.ImportAsync(context.Caller(), environment, scope, body.Bytes, dryRun, cancellationToken)).TryGet(out var outcome, out failure)
                ? Answer<ImportResponse>.Ok(new ImportResponse(outcome.Created, outcome.Updated, outcome.Unchanged, []))
                : failure;
        }
    }
}
