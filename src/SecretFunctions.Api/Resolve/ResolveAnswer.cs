using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Api.Resolve;

/// <summary>
/// The answer of a resolve (<see cref="ResolveResponse"/>, or <see cref="SealedResolveResponse"/> for a recipient), written without a string or an object per value: the opened bytes go straight into
/// the body, and both are cleared when it is sent.
/// </summary>
internal sealed class ResolveAnswer : IResult, IEndpointMetadataProvider
{
    // Nothing but what JSON itself needs is escaped: the answer is application/json, and never part of a page.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // A plan's sources are the same object at every resolve, so their JSON is made once.
    private static readonly ConditionalWeakTable<IReadOnlyList<ResolvedSource>, byte[]> SourcesJson = [];

    private readonly Resolution? _resolution;
    private readonly Recipient? _recipient;
    private readonly Failure? _failure;

    /// <param name="resolution">Disposed once it is sent.</param>
    /// <param name="recipient">Who alone can read the values; null where they are sent as they are.</param>
    public ResolveAnswer(Resolution resolution, Recipient? recipient)
    {
        _resolution = resolution;
        _recipient = recipient;
    }

    private ResolveAnswer(Failure failure) => _failure = failure;

    public static implicit operator ResolveAnswer(Failure failure) => new(failure);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ResolveResponse), ["application/json"]));
        AnswerMetadata.AddProblem(builder);
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (_resolution is null)
        {
            await Problems.WriteAsync(httpContext, _failure!);
            return;
        }

        using (_resolution)
        {
            using var body = new ClearedBuffer(_resolution.TotalLength + 1024);
            using (var writer = new Utf8JsonWriter(body, WriterOptions))
            {
                Write(writer, _resolution, _recipient);
            }

            httpContext.Response.ContentType = "application/json; charset=utf-8";
            httpContext.Response.ContentLength = body.Written.Length;
            await httpContext.Response.BodyWriter.WriteAsync(body.Written, httpContext.RequestAborted);
        }
    }

    internal static void Write(Utf8JsonWriter writer, Resolution resolution, Recipient? recipient = null)
    {
        writer.WriteStartObject();
        if (recipient is null)
        {
            writer.WritePropertyName("variables"u8);
            WriteVariables(writer, resolution);
        }
        else
        {
            writer.WriteString("sealed"u8, Seal(resolution, recipient));
        }

        writer.WritePropertyName("sources"u8);
        writer.WriteRawValue(SourcesJson.GetValue(resolution.Sources, Describe), skipInputValidation: true);
        writer.WriteString("resolvedAt"u8, resolution.ResolvedAt.UtcDateTime);
        if (resolution.Errors.Count > 0)
        {
            writer.WritePropertyName("errors"u8);
            JsonSerializer.Serialize(
                writer, [.. resolution.Errors.Select(Problems.ToEntry)], JsonBody.TypeOf<IReadOnlyList<ProblemEntry>>());
        }

        writer.WriteEndObject();
    }

    private static void WriteVariables(Utf8JsonWriter writer, Resolution resolution)
    {
        writer.WriteStartObject();
        for (var i = 0; i < resolution.Count; i++)
        {
            writer.WriteString(resolution.Key(i), resolution.Reveal(i));
        }

        writer.WriteEndObject();
    }

    private static byte[] Seal(Resolution resolution, Recipient recipient)
    {
        using var variables = new ClearedBuffer(resolution.TotalLength + 1024);
        using (var writer = new Utf8JsonWriter(variables, WriterOptions))
        {
            WriteVariables(writer, resolution);
        }

        return recipient.SealJson(variables.Written.Span);
    }

    private static byte[] Describe(IReadOnlyList<ResolvedSource> sources) => JsonSerializer.SerializeToUtf8Bytes(
        [.. sources.Select(static source => new SourceDescription(
            source.Key,
            source.Scope,
            source.From,
            source.Credential,
            source.Secret,
            source.Version,
            source.Fingerprint,
            source.FetchedAt,
            source.Stale))],
        JsonBody.TypeOf<IReadOnlyList<SourceDescription>>());
}
