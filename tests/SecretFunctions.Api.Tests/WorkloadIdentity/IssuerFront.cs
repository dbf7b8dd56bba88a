using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary>What stands before a service and gives it its public address: passes on what the service publishes, or what a test makes of it.</summary>
internal sealed class IssuerFront() : CloudDouble(https: true)
{
    /// <summary>The service; none before it is started.</summary>
    public HttpClient? Service { get; set; }

    public string Issuer => Address.AbsoluteUri.TrimEnd('/');

    /// <summary>Done to every document on its way.</summary>
    public Action<JsonObject> Change { get; set; } = static _ => { };

    protected override async Task HandleAsync(HttpContext context)
    {
        Record(context.Request.Path.Value!);
        if (Service is null || !context.Request.Path.StartsWithSegments("/.well-known", StringComparison.Ordinal))
        {
            context.Response.StatusCode = 404;
            return;
        }

        using var answer = await Service.GetAsync(new Uri(context.Request.Path.Value!, UriKind.Relative), context.RequestAborted);
        var document = JsonNode.Parse(await answer.Content.ReadAsStringAsync(context.RequestAborted))!.AsObject();
        Change(document);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(document.ToJsonString(), context.RequestAborted);
    }
}
