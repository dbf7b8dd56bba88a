using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Core;

namespace SecretFunctions.Api.Http;

/// <summary>JSON Merge Patch (RFC 7396): the current request form of a resource with the body's members put over it.</summary>
internal static class MergePatch
{
    public const string MediaType = "application/merge-patch+json";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    public static async ValueTask<Result<JsonObject>> ReadAsync(HttpContext context)
    {
        if (!(await RequestBody.ReadAsync(context, MediaType, JsonBody.MediaType)).TryGet(out var body, out var failure))
        {
            return failure;
        }

        using (body)
        {
            try
            {
                return JsonNode.Parse(body.Bytes.Span, documentOptions: Strict) is JsonObject patch
                    ? patch
                    : Failure.Invalid("body.invalid", "A merge patch is a JSON object.");
            }
            catch (JsonException exception)
            {
                return JsonBody.Describe(exception);
            }
            catch (InvalidOperationException)
            {
                return NotUnicode;
            }
        }
    }

    /// <summary>The next request form, read as strictly as if it had been sent whole.</summary>
    public static Result<T> Apply<T>(T current, JsonObject patch)
    {
        var type = JsonBody.TypeOf<T>();
        var target = JsonSerializer.SerializeToNode(current, type);
        try
        {
            // Removing what does not exist would pass unseen: the merged document does not show it.
            if (patch.Any(member => member.Value is null && type.Properties.All(property => property.Name != member.Key)))
            {
                return Failure.Invalid("body.invalid", "The patch removes a property that there is not.");
            }

            // Null stands for "left out": a request's own properties are nullable where they may be.
            var merged = Merge(target, patch)!;
            return JsonSerializer.Deserialize(merged, type) is { } next
                ? next
                : Failure.Invalid("body.invalid", "A merge patch is a JSON object.");
        }
        catch (JsonException exception)
        {
            return JsonBody.Describe(exception);
        }
        catch (InvalidOperationException)
        {
            return NotUnicode;
        }
    }

    /// <summary>A lone surrogate: the parser notices it only when it has to compare or read the string.</summary>
    private static Failure NotUnicode { get; } = Failure.Invalid("body.invalid", "A string in the body is not valid Unicode.");

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject members)
        {
            return patch?.DeepClone();
        }

        var merged = target as JsonObject ?? [];
        foreach (var (name, value) in members)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                var before = merged[name];
                merged.Remove(name);
                merged[name] = Merge(before, value);
            }
        }

        return merged;
    }
}
