using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Providers.Tests.Http;

/// <summary>A server that answers as a test says.</summary>
internal sealed class HttpDouble(bool https, Func<HttpContext, Task> answer) : CloudDouble(https)
{
    public static async Task<HttpDouble> StartAsync(bool https, Func<HttpContext, Task> answer)
    {
        var server = new HttpDouble(https, answer);
        await server.StartAsync();
        return server;
    }

    public static Task<HttpDouble> StartAsync(bool https, string answer = "hello") =>
        StartAsync(https, context => context.Response.WriteAsync(answer));

    protected override Task HandleAsync(HttpContext context)
    {
        Record($"{context.Request.Method} {context.Request.Path}");
        return answer(context);
    }
}
