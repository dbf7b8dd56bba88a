using Microsoft.AspNetCore.Builder;

namespace SecretFunctions.Api.Http;

/// <summary>Marks what costs a signature, a call to somebody else's service or a walk over the whole log, each time: it has a tighter limit of its own.</summary>
internal sealed record Costly;

internal static class CostlyExtensions
{
    public static TBuilder IsCostly<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Costly());
}
