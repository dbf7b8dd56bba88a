using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Api.Operations;

/// <summary>What the router does not know of an endpoint: who may call, what it reads from the request itself, and how it answers.</summary>
internal static class OpenApiOperations
{
    public static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, string scheme, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var method = context.Description.HttpMethod ?? "";
        operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<QueryParameter>())
        {
            operation.Parameters.Add(Parameter(parameter.Name, ParameterLocation.Query, parameter.Description, parameter.Type));
        }

        if (metadata.OfType<AccessRule>().FirstOrDefault() is { } rule)
        {
            DescribeAccess(operation, context, rule, scheme);
        }

        if (method is "PUT" or "PATCH" or "DELETE" || metadata.OfType<HeedsPreconditions>().Any())
        {
            operation.Parameters.Add(Parameter("If-Match", ParameterLocation.Header, "Only while the resource has one of these ETags; * for any."));
            operation.Parameters.Add(Parameter("If-None-Match", ParameterLocation.Header, "*: only while there is no such resource."));
        }

        if (metadata.OfType<BodyDescription>().FirstOrDefault() is { } body)
        {
            operation.RequestBody = await DescribeBodyAsync(body, context, cancellationToken);
        }

        if (metadata.OfType<OtherAnswer>().FirstOrDefault() is { } other
            && operation.Responses?.GetValueOrDefault($"{StatusCodes.Status200OK}")?.Content?.Values.SingleOrDefault() is { Schema: { } first } ok)
        {
            ok.Schema = new OpenApiSchema { OneOf = [first, await context.GetOrCreateSchemaAsync(other.Type, null, cancellationToken)] };
        }

        DescribeResponses(operation, method, metadata.OfType<MakesResource>().Any());
    }

    private static void DescribeAccess(OpenApiOperation operation, OpenApiOperationTransformerContext context, AccessRule rule, string scheme)
    {
        operation.AddExtension("x-access", new JsonNodeExtension(JsonValue.Create(rule.ToString())));
        if (rule.Admission != Admission.Anyone)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] }];
            operation.Parameters!.Add(Parameter("X-Organization", ParameterLocation.Header, "The organization to work in, for the operator and for tokens of trusted issuers; left out, 'default'."));
        }
    }

    private static async Task<OpenApiRequestBody> DescribeBodyAsync(
        BodyDescription body, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(body.Type, null, cancellationToken);
        if (body.IsPatch)
        {
            schema.Required?.Clear();
        }

        return new OpenApiRequestBody
        {
            Required = true,
            Description = body.IsPatch ? "JSON Merge Patch (RFC 7396): null removes, what is not named stays." : null,
            Content = body.MediaTypes.ToDictionary(static type => type, _ => new OpenApiMediaType { Schema = schema }),
        };
    }

    /// <summary>A PUT makes or replaces; a problem comes with any status it may have.</summary>
    private static void DescribeResponses(OpenApiOperation operation, string method, bool makes)
    {
        if (operation.Responses is not { } responses)
        {
            return;
        }

        if (responses.Remove($"{StatusCodes.Status400BadRequest}", out var problem))
        {
            responses["default"] = new OpenApiResponse { Description = "A problem (RFC 9457).", Content = problem.Content };
        }

        if (method == HttpMethods.Delete)
        {
            responses[$"{StatusCodes.Status204NoContent}"] = new OpenApiResponse { Description = "No Content" };
        }

        if ((method == HttpMethods.Put || makes) && responses.TryGetValue($"{StatusCodes.Status200OK}", out var ok))
        {
            responses[$"{StatusCodes.Status201Created}"] = new OpenApiResponse { Description = "Created", Content = ok.Content };
            if (makes)
            {
                responses.Remove($"{StatusCodes.Status200OK}");
            }
        }
    }

    private static OpenApiParameter Parameter(string name, ParameterLocation place, string description, ParameterType type = ParameterType.Text) => new()
    {
        Name = name,
        In = place,
        Description = description,
        Schema = new OpenApiSchema
        {
            Type = type switch
            {
                ParameterType.Flag => JsonSchemaType.Boolean,
                ParameterType.Number => JsonSchemaType.Integer,
                _ => JsonSchemaType.String,
            },
        },
    };
}
