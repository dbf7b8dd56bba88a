using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Otlp;

/// <summary>A collector that takes OTLP over HTTP in protobuf (opentelemetry.io/docs/specs/otlp), and keeps every byte.</summary>
public sealed class OtlpCollectorDouble() : CloudDouble(https: false)
{
    private readonly List<(string Path, byte[] Body)> _received = [];

    public IReadOnlyList<OtlpSpan> Spans => [.. Bodies("/v1/traces").SelectMany(OtlpReader.Spans)];

    /// <summary>In the order they were sent: of a series the last is the newest.</summary>
    public IReadOnlyList<OtlpPoint> Points => [.. Bodies("/v1/metrics").SelectMany(OtlpReader.Points)];

    public IReadOnlyList<OtlpLog> Logs => [.. Bodies("/v1/logs").SelectMany(OtlpReader.Logs)];

    /// <summary>What each request says of its sender.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Resources => [.. Raw.Select(static body => OtlpReader.Resource(body))];

    /// <summary>Every body.</summary>
    public IReadOnlyList<byte[]> Raw
    {
        get
        {
            lock (_received)
            {
                return [.. _received.Select(static request => request.Body)];
            }
        }
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Record($"{context.Request.Method} {context.Request.Path}");
        if (context.Request.ContentType != "application/x-protobuf" || context.Request.Headers.ContentEncoding.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        lock (_received)
        {
            _received.Add((context.Request.Path, body.ToArray()));
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private ReadOnlyMemory<byte>[] Bodies(string path)
    {
        lock (_received)
        {
            return [.. _received.Where(request => request.Path == path).Select(static request => (ReadOnlyMemory<byte>)request.Body)];
        }
    }
}
