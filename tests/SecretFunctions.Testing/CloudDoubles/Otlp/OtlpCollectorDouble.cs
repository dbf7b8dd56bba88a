using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SecretFunctions.Testing.CloudDoubles.Otlp;

/// <summary>
/// A collector that takes OTLP in protobuf, over HTTP or over gRPC (opentelemetry.io/docs/specs/otlp), and keeps every byte. Of gRPC it knows what that
/// takes: one message a call, uncompressed, over HTTP/2 without TLS.
/// </summary>
public sealed class OtlpCollectorDouble(bool grpc = false) : CloudDouble(https: false, grpc ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2)
{
    /// <summary>In front of a message: a byte for its compression, four for its length.</summary>
    private const int GrpcPrefix = 5;

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
        if (grpc)
        {
            await HandleGrpcAsync(context, body.ToArray());
            return;
        }

        if (context.Request.ContentType != "application/x-protobuf" || context.Request.Headers.ContentEncoding.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        Keep(context.Request.Path, body.ToArray());
        context.Response.ContentType = "application/x-protobuf";
    }

    private async Task HandleGrpcAsync(HttpContext context, byte[] body)
    {
        const int ok = 0, unimplemented = 12;
        var path = context.Request.Path.Value switch
        {
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => "/v1/traces",
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => "/v1/metrics",
            "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => "/v1/logs",
            _ => null,
        };
        var isTaken = path is not null && context.Request.ContentType == "application/grpc" && body is [0, _, _, _, _, ..]
            && BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)) == body.Length - GrpcPrefix;
        if (isTaken)
        {
            Keep(path!, body[GrpcPrefix..]);
        }

        context.Response.ContentType = "application/grpc";
        context.Response.AppendTrailer("grpc-status", $"{(isTaken ? ok : unimplemented)}");
        await context.Response.Body.WriteAsync(new byte[GrpcPrefix]); // An empty message: all of it was taken.
    }

    private void Keep(string path, byte[] body)
    {
        lock (_received)
        {
            _received.Add((path, body));
        }
    }

    private ReadOnlyMemory<byte>[] Bodies(string path)
    {
        lock (_received)
        {
            return [.. _received.Where(request => request.Path == path).Select(static request => (ReadOnlyMemory<byte>)request.Body)];
        }
    }
}
