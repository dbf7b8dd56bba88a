using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles;

internal static class JsonAnswers
{
    public static Task AnswerAsync(this HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    /// <summary>The token of an <c>Authorization: Bearer</c> header.</summary>
    public static string? BearerToken(this HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal)
            ? header["Bearer ".Length..]
            : null;
}
