using Microsoft.AspNetCore.Builder;

namespace SecretFunctions.Api.Http;

/// <summary>Marks the few endpoints whose answers carry secret values; none of them may be kept by anything on the way.</summary>
internal sealed record CarriesSecrets;

internal static class NoStore
{
    public static TBuilder WithNoStore<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(static builder =>
        {
            builder.Metadata.Add(new CarriesSecrets());
            var handle = builder.RequestDelegate ?? throw new InvalidOperationException("An endpoint has a handler.");
            builder.RequestDelegate = context =>
            {
                context.Response.Headers.CacheControl = "no-store";
                return handle(context);
            };
        });
        return endpoint;
    }
}
