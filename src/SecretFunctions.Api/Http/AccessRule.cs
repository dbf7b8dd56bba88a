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

    /// <summary>Whoever holds the demanded permission where the thing belongs.</summary>
    Permission,

    /// <summary>Members, for what is their own; and whoever holds the demanded permission.</summary>
    PermissionOrOwn,
}

/// <summary>Who an endpoint is for. Every endpoint states exactly one.</summary>
internal sealed record AccessRule(Admission Admission, params Demand[] Demands)
{
    /// <summary>Where what the endpoint is about belongs. Of every rule that demands a permission.</summary>
    public Whereabouts? Where { get; init; }

    public override string ToString() => Demands.Length == 0 ? Admission.ToString() : string.Join(" and ", Demands) + Admission switch
    {
        Admission.Event => ", or the cloud's own token",
        Admission.PermissionOrOwn => ", or a member's own",
        _ => "",
    };
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

    public static TBuilder RequiresView<TBuilder>(this TBuilder endpoint, Whereabouts where, params Feature[] features)
        where TBuilder : IEndpointConventionBuilder => endpoint.Requires(Admission.Permission, Level.View, where, features);

    public static TBuilder RequiresManage<TBuilder>(this TBuilder endpoint, Whereabouts where, params Feature[] features)
        where TBuilder : IEndpointConventionBuilder => endpoint.Requires(Admission.Permission, Level.Manage, where, features);

    /// <summary>A member needs no permission for what is theirs: the concept in Core tells that apart.</summary>
    public static TBuilder RequiresViewOrOwn<TBuilder>(this TBuilder endpoint, Whereabouts where, Feature feature)
        where TBuilder : IEndpointConventionBuilder => endpoint.Requires(Admission.PermissionOrOwn, Level.View, where, [feature]);

    /// <inheritdoc cref="RequiresViewOrOwn"/>
    public static TBuilder RequiresManageOrOwn<TBuilder>(this TBuilder endpoint, Whereabouts where, Feature feature)
        where TBuilder : IEndpointConventionBuilder => endpoint.Requires(Admission.PermissionOrOwn, Level.Manage, where, [feature]);

    public static TBuilder RequiresEvent<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.With(new AccessRule(Admission.Event, new Demand(Feature.Cache, Level.Manage)) { Where = Whereabouts.Organization });

    private static TBuilder Requires<TBuilder>(this TBuilder endpoint, Admission admission, Level level, Whereabouts where, Feature[] features)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.With(new AccessRule(admission, [.. features.Select(feature => new Demand(feature, level))]) { Where = where });

    private static TBuilder With<TBuilder>(this TBuilder endpoint, AccessRule rule)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => builder.Metadata.Add(rule));
        return endpoint;
    }
}
