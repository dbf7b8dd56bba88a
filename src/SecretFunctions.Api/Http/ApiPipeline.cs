using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SecretFunctions.Api.Http;

/// <summary>
/// The whole API as one delegate, for a host with a router of its own (Azure Functions). Built once. Safe for concurrent use. No exception leaves it:
/// such a host could make an empty 200 of one.
/// </summary>
public sealed class ApiPipeline
{
    private readonly RequestDelegate _pipeline;
    private readonly IHttpContextAccessor? _accessor;

    public ApiPipeline(IServiceProvider services)
    {
        var app = new ApplicationBuilder(services);
        app.UseSecretFunctions();
        _pipeline = app.Build();
        _accessor = services.GetService<IHttpContextAccessor>();
    }

    /// <summary>Runs the API on a request that another router has already matched, and leaves that router's traces as they were.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // Else our router sees the host's catch-all and skips matching.
        var endpoint = context.GetEndpoint();
        var routeValues = context.Request.RouteValues;
        context.SetEndpoint(null);
        context.Request.RouteValues = [];
        var outer = _accessor?.HttpContext;
        if (_accessor is not null)
        {
            _accessor.HttpContext = context;
        }

        try
        {
            await _pipeline(context);
        }
        finally
        {
            context.SetEndpoint(endpoint);
            context.Request.RouteValues = routeValues;
            if (_accessor is not null)
            {
                _accessor.HttpContext = outer;
            }
        }
    }
}
