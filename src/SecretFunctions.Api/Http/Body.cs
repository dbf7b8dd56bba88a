using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using SecretFunctions.Contracts;
using SecretFunctions.Core;

namespace SecretFunctions.Api.Http;

/// <summary>A JSON request body, read strictly; or what was wrong with it.</summary>
internal readonly record struct Body<T>(Result<T> Content) : IEndpointParameterMetadataProvider
{
    public static async ValueTask<Body<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        _ = parameter;
        if (!(await RequestBody.ReadAsync(context, JsonBody.MediaType)).TryGet(out var body, out var failure))
        {
            return new Body<T>(failure);
        }

        using (body)
        {
            return new Body<T>(JsonBody.Parse<T>(body.Bytes.Span));
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyDescription(typeof(T), IsPatch: false, JsonBody.MediaType));

    public bool TryGet([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T content, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(true)] out Failure failure) =>
        Content.TryGet(out content, out failure);
}

/// <summary>Strict JSON, and a clear word about what is not. Nothing of the body's content but what looks like a property's name is ever repeated.</summary>
internal static partial class JsonBody
{
    public const string MediaType = "application/json";

    /// <summary>A step into an object by a name that looks like one, or into a list: <c>.items[0].key</c>.</summary>
    [GeneratedRegex(@"\G(?:\.[A-Za-z_-]{1,40}(?=[.\[]|$)|\[\d+\])")]
    private static partial Regex Step { get; }

    public static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>?)ContractsJson.Default.GetTypeInfo(typeof(T))
        ?? throw new InvalidOperationException($"{typeof(T)} is not in the JSON context.");

    public static Result<T> Parse<T>(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return Failure.Invalid("body.missing", "A JSON body is expected.");
        }

        try
        {
            return JsonSerializer.Deserialize(utf8, TypeOf<T>()) is { } content
                ? content
                : Failure.Invalid("body.missing", "A JSON object is expected, not null.");
        }
        catch (JsonException exception)
        {
            return Describe(exception);
        }
    }

    public static Failure Describe(JsonException exception)
    {
        if (exception is { Path: null, LineNumber: null } && exception.Message.Contains("uplicate", StringComparison.Ordinal))
        {
            return Misfit with { Errors = [new FailureEntry("body.duplicate_property", "A property occurs twice.")] };
        }

        // A reader's exception stands behind what is no JSON at all; the serializer's own is about what does not fit.
        if (exception.InnerException is JsonException || exception.Path is null)
        {
            return Failure.Invalid(
                "body.malformed", $"The body is not valid JSON in UTF-8 (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} of it).");
        }

        var field = FieldOf(exception.Path);
        var (code, detail) = exception.Message switch
        {
            var message when message.Contains("could not be mapped", StringComparison.Ordinal) => ("body.unknown_property", "There is no such property here."),
            var message when message.Contains("uplicate", StringComparison.Ordinal) => ("body.duplicate_property", "The property occurs twice."),
            var message when message.Contains("required", StringComparison.Ordinal) => ("body.missing_property", "A required property is missing: " + MissingProperties(message)),
            _ => ("body.invalid_value", "The value has the wrong type, or is not valid Unicode."),
        };
        return Misfit with { Errors = [new FailureEntry(code, detail) { Field = field }] };
    }

    /// <summary>For what the serializer lets through: a null among the items of a list or the values of a map.</summary>
    public static Failure NullAt(string field) =>
        Misfit with { Errors = [new FailureEntry("body.invalid_value", "There can be no null here.") { Field = field }] };

    private static Failure Misfit { get; } = Failure.Invalid("body.invalid", "The body does not fit this request.");

    /// <summary>As far as its names look like names: what else stands in a name's place may be a value that got there by mistake.</summary>
    private static string FieldOf(string path)
    {
        var end = 1;
        while (Step.Match(path, end) is { Success: true } step)
        {
            end += step.Length;
        }

        var known = path[1..end].TrimStart('.');
        return end < path.Length ? known.Length == 0 ? "…" : $"{known}.…" : known.Length == 0 ? "$" : known;
    }

    /// <summary>The runtime's message ends with the missing names; they are ours, not the caller's.</summary>
    private static string MissingProperties(string message) => message[(message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
}
