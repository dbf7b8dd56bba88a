using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;

namespace SecretFunctions.Api.Operations;

/// <summary><c>GET /openapi/v1.json</c>, generated from the endpoints themselves.</summary>
internal static class OpenApiDocument
{
    private const string Scheme = "apiKey";

    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes) =>
        routes.MapOpenApi("/openapi/v1.json").WithName("openapi").AllowsAnyone();

    public static void AddOpenApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", static options =>
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "SecretFunctions",
                Version = "v1",
                Description = "Resolves secret references for automations. Failures are RFC 9457 problems with a stable 'code'.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, cancellationToken) =>
            OpenApiOperations.DescribeAsync(operation, context, Scheme, cancellationToken));
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(SensitiveText))
            {
                schema.Type = JsonSchemaType.String;
                schema.Format = "password";
            }

            if (context.JsonTypeInfo.Type == typeof(ClaimValues))
            {
                schema.OneOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String },
                    new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                ];
            }

            if (context.JsonPropertyInfo is null && context.JsonTypeInfo.Properties.FirstOrDefault(static property => property.IsExtensionData) is { } others)
            {
                // A provider's own fields stand beside ours, and are the provider's to name.
                schema.Properties?.Remove(others.Name);
                schema.AdditionalProperties = new OpenApiSchema { Description = "The provider's own fields: docs/providers." };
            }

            return Task.CompletedTask;
        });
    });
}
