using Microsoft.AspNetCore.Builder;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Api.Http;

internal enum Admission
{
    /// <summary>No credentials are asked for.</summary>
    Anyone,

    /// <summary>Any recognized caller: the handler shows or does nothing but their own.</summary>
    Recognized,

    /// <summary>The resolver decides, since it depends on the automation and environment in the body.</summary>
    Resolves,

    /// <summary>The deployment's operator.</summary>
    Operator,

    /// <summary>A cloud's event delivery: a key with the demanded permission, given as that cloud can give one, or a token of the cloud's own.</summary>
    Event,

    /// <summary>Whoever holds the demanded permission, in the environment the route names where it does.</summary>
    Permission,
}

/// <summary>Who an endpoint is for. Every endpoint states exactly one.</summary>
internal sealed record AccessRule(Admission Admission, params Demand[] Demands)
{
    public override string ToString() => Demands.Length == 0 ? Admission.ToString() : string.Join(" and ", Demands) + (Admission == Admission.Event ? ", or the cloud's own token" : "");
}

internal static class AccessRuleExtensions
{
    public static TBuilder AllowsAnyone<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.With(new AccessRule(Admission.Anyone));

    public static TBuilder RequiresRecognition<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.With(new AccessRule(Admission.Recognized));

    public static TBuilder RequiresResolve<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.With(new AccessRule(Admission.Resolves));

    public static TBuilder RequiresOperator<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.With(new AccessRule(Admission.Operator));

    public static TBuilder RequiresView<TBuilder>(this TBuilder endpoint, params Feature[] features)
        where TBuilder : IEndpointConventionBuilder => endpoint.Requires(Level.View, features);

    public static TBuilder RequiresManage<TBuilder>(this TBuilder endpoint, params Feature[] features)
        where TBuilder : IEndpointConventionBuilder => endpoint.Requires(Level.Manage, features);

    public static TBuilder RequiresEvent<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.With(new AccessRule(Admission.Event, new Demand(Feature.Cache, Level.Manage)));

    private static TBuilder Requires<TBuilder>(this TBuilder endpoint, Level level, Feature[] features)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.With(new AccessRule(Admission.Permission, [.. features.Select(feature => new Demand(feature, level))]));

    private static TBuilder With<TBuilder>(this TBuilder endpoint, AccessRule rule)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => builder.Metadata.Add(rule));
        return endpoint;
    }
}
