using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using SecretFunctions.Api.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Oidc;

/// <summary>A document for everybody, which they and whatever lies between may keep for a while; or the failure in its place.</summary>
internal sealed class PublicDocument<T> : IResult, IEndpointMetadataProvider
{
    private const string MediaType = "application/json";

    private static readonly string CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={IssuerOptions.PublicationMaxAge.TotalSeconds}");

    private readonly T? _document;
    private readonly Failure? _failure;

    private PublicDocument(T? document, Failure? failure)
    {
        _document = document;
        _failure = failure;
    }

    public static implicit operator PublicDocument<T>(T document) => new(document, null);

    public static implicit operator PublicDocument<T>(Failure failure) => new(default, failure);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), [MediaType]));
        AnswerMetadata.AddProblem(builder);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_failure is not null)
        {
            return Problems.WriteAsync(httpContext, _failure);
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(_document!, JsonBody.TypeOf<T>());
        var etag = ResourceTag.Of(Encoding.UTF8.GetString(body));
        var (request, response) = (httpContext.Request, httpContext.Response);
        response.Headers.ETag = etag;
        response.Headers.CacheControl = CacheControl;
        if (request.HasCurrent(etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = MediaType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
