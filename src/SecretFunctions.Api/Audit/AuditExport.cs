using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using SecretFunctions.Api.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Audit;

namespace SecretFunctions.Api.Audit;

/// <summary>Events as newline-delimited JSON, byte by byte as they were written, with their places in their chains. Never more than a row in memory.</summary>
internal sealed class AuditExport : IResult, IEndpointMetadataProvider
{
    public const string MediaType = "application/x-ndjson";

    /// <summary>Sent on once so much is there.</summary>
    private const int FlushBytes = 64 * 1024;

    private readonly IAsyncEnumerable<(AuditPosition Position, byte[] Json)>? _events;
    private readonly Failure? _failure;

    public AuditExport(IAsyncEnumerable<(AuditPosition Position, byte[] Json)> events) => _events = events;

    private AuditExport(Failure failure) => _failure = failure;

    public static implicit operator AuditExport(Failure failure) => new(failure);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(System.Text.Json.JsonElement), [MediaType]));
        AnswerMetadata.AddProblem(builder);
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (_events is null)
        {
            await Problems.WriteAsync(httpContext, _failure!);
            return;
        }

        httpContext.Response.ContentType = MediaType;
        var body = httpContext.Response.BodyWriter;
        var unsent = 0;
        await foreach (var (_, json) in _events.WithCancellation(httpContext.RequestAborted))
        {
            var length = json.Length + 1;
            var line = body.GetSpan(length);
            json.CopyTo(line);
            line[json.Length] = (byte)'\n';
            body.Advance(length);
            unsent += length;
            if (unsent >= FlushBytes)
            {
                await body.FlushAsync(httpContext.RequestAborted);
                unsent = 0;
            }
        }

        await body.FlushAsync(httpContext.RequestAborted);
    }
}
