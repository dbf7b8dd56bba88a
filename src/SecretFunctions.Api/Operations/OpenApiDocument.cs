using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
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

    /// <summary>Of the document, where services are told apart by it.</summary>
    public const string Name = "v1";

    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi/v1.json", Get).WithName("openapi").ExcludeFromDescription().AllowsAnyone();

    internal static async Task Get(HttpContext context, OpenApiText text)
    {
        var document = await text.GetAsync().WaitAsync(context.RequestAborted);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = document.Length;
        await context.Response.Body.WriteAsync(document, context.RequestAborted);
    }

    public static void AddOpenApiDocument(this IServiceCollection services) => services.AddSingleton<OpenApiText>().AddOpenApi(Name, static options =>
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            // It is wherever it was found: what a request calls us is nothing to repeat to others.
            document.Servers = null;
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

/// <summary>The document as it is sent, made once: that takes some 50 ms, and anybody may ask for it. Safe for concurrent use.</summary>
internal sealed class OpenApiText(IServiceProvider services)
{
    private readonly Lazy<Task<byte[]>> _text = new(() => Task.Run(() => WriteAsync(services)));

    public Task<byte[]> GetAsync() => _text.Value;

    private static async Task<byte[]> WriteAsync(IServiceProvider services)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(OpenApiDocument.Name).GetOpenApiDocumentAsync();
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1);
        return text.ToArray();
    }
}
