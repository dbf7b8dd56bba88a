using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.Telemetry;

/// <summary>The public address of a host that lies in memory, for stores that fetch its keys over the network.</summary>
internal sealed class PublishedIssuer() : CloudDouble(https: true)
{
    public HttpClient? Host { get; set; }

    public string Name => Address.AbsoluteUri.TrimEnd('/');

    protected override async Task HandleAsync(HttpContext context)
    {
        using var answer = await Host!.GetAsync(new Uri(context.Request.Path, UriKind.Relative));
        context.Response.StatusCode = (int)answer.StatusCode;
        await answer.Content.CopyToAsync(context.Response.Body);
    }
}
