// What Kestrel itself costs: reads the request's body to its end and answers with the bytes of a file, under the headers that a
// resolve sends. No routing, no access check: everything the service adds is measured against this.
var answer = await File.ReadAllBytesAsync(args[0]);
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args[1..], ContentRootPath = AppContext.BaseDirectory });
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
await using var app = builder.Build();
app.Run(async context =>
{
    var reader = context.Request.BodyReader;
    while (true)
    {
        var read = await reader.ReadAsync(context.RequestAborted);
        reader.AdvanceTo(read.Buffer.End);
        if (read.IsCompleted)
        {
            break;
        }
    }

    var response = context.Response;
    response.Headers["X-Request-Id"] = context.TraceIdentifier;
    response.Headers.XContentTypeOptions = "nosniff";
    response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
    response.Headers["Referrer-Policy"] = "no-referrer";
    response.Headers.XFrameOptions = "DENY";
    response.Headers.CacheControl = "no-store";
    response.ContentType = "application/json; charset=utf-8";
    response.ContentLength = answer.Length;
    await response.BodyWriter.WriteAsync(answer, context.RequestAborted);
});
await app.RunAsync();
