using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Http;

/// <summary>What an endpoint returns: a document with its status and ETag, or the failure in its place.</summary>
internal sealed class Answer<T> : IResult, IEndpointMetadataProvider
{
    private readonly T? _document;
    private readonly Failure? _failure;
    private readonly int _status;
    private readonly string? _etag;

    private Answer(T? document, Failure? failure, int status, string? etag)
    {
        _document = document;
        _failure = failure;
        _status = status;
        _etag = etag;
    }

    public Failure? Failure => _failure;

    /// <param name="storeETag">Of the resource as stored; null or empty where it has none.</param>
    public static Answer<T> Ok(T document, string? storeETag = null) =>
        new(document, null, StatusCodes.Status200OK, string.IsNullOrEmpty(storeETag) ? null : ResourceTag.Of(storeETag));

    public static Answer<T> Saved(T document, string storeETag, bool created) =>
        new(document, null, created ? StatusCodes.Status201Created : StatusCodes.Status200OK, ResourceTag.Of(storeETag));

    public static Answer<T> Created(T document) => new(document, null, StatusCodes.Status201Created, null);

    public static implicit operator Answer<T>(Failure failure) => new(default, failure, 0, null);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
        AnswerMetadata.AddProblem(builder);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_failure is not null)
        {
            return Problems.WriteAsync(httpContext, _failure);
        }

        if (_etag is not null)
        {
            httpContext.Response.Headers.ETag = _etag;
            if (HttpMethods.IsGet(httpContext.Request.Method) && httpContext.Request.HasCurrent(_etag))
            {
                httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }

        httpContext.Response.StatusCode = _status;
        var type = ContractsJson.Default.GetTypeInfo(typeof(T))
            ?? throw new InvalidOperationException($"{typeof(T)} is not in the JSON context.");
        return httpContext.Response.WriteAsJsonAsync(_document, type, "application/json; charset=utf-8", httpContext.RequestAborted);
    }
}

/// <summary>204, or the failure in its place.</summary>
internal sealed class NothingToSay : IResult, IEndpointMetadataProvider
{
    private readonly Failure? _failure;

    private NothingToSay(Failure? failure) => _failure = failure;

    /// <summary>Null is success.</summary>
    public static NothingToSay Unless(Failure? failure) => new(failure);

    public static implicit operator NothingToSay(Failure failure) => new(failure);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent));
        AnswerMetadata.AddProblem(builder);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_failure is not null)
        {
            return Problems.WriteAsync(httpContext, _failure);
        }

        httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}

internal static class AnswerMetadata
{
    /// <summary>Every endpoint can fail in more ways than are worth listing: one shape for all of them.</summary>
    public static void AddProblem(EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(Problem), [Problems.ContentType]));
}
