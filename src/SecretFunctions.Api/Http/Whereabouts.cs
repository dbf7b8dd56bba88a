using Microsoft.AspNetCore.Http;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Api.Http;

/// <summary>
/// What a request tells of where its thing belongs, before anything is read: so much is decided at once (403). Where only the thing itself tells the
/// rest, its concept in Core looks at it, and whatever is out of the caller's reach is answered like what does not exist.
/// </summary>
/// <param name="Name">For the description of the API.</param>
/// <param name="Of">As far as the request tells.</param>
internal sealed record Whereabouts(string Name, Func<HttpContext, Place> Of)
{
    /// <summary>The organization as a whole.</summary>
    public static readonly Whereabouts Organization = new("organization", static _ => Place.Organization);

    /// <summary>The organization as a whole, with what happens in all of its environments.</summary>
    public static readonly Whereabouts Everything = new("everything", static _ => new Place(null, null));

    /// <summary>The project that the route names.</summary>
    public static readonly Whereabouts Project = new("project", static context => Place.OfProject(context.Request.RouteValues["project"] as string ?? ""));

    /// <summary>Of the environments, those that are the caller's in any project.</summary>
    public static readonly Whereabouts Environment = new("environment", static context =>
        EnvironmentOf(context) is { } environment ? Place.SomewhereIn(environment) : Place.Anywhere);

    /// <summary>The environment, and the scope or project in the query. An automation's own belongs to its project, which is not known yet.</summary>
    public static readonly Whereabouts Scope = new("scope", OfScope);

    /// <summary>A project, and environments, that only the thing itself or the body tells; and the environment, where the request names one.</summary>
    public static readonly Whereabouts Thing = new("thing", static context =>
        EnvironmentOf(context) is { } environment ? Place.SomewhereIn(environment) : Place.Anywhere);

    private static string? EnvironmentOf(HttpContext context) =>
        context.Request.RouteValues.TryGetValue("environment", out var value) ? value as string : context.Query("environment");

    private static Place OfScope(HttpContext context)
    {
        var environment = EnvironmentOf(context);
        var scope = context.Query("scope");
        if (scope == "personal" && context.Caller() is { Principal: { Type: PrincipalType.Member, Name: var member } })
        {
            return Place.Personal(member, environment);
        }

        // A list without a scope is of all that is the caller's.
        var list = !context.Request.RouteValues.ContainsKey("environment");
        var known = scope == "organization" || (scope is null && !list) || scope?.StartsWith("project:", StringComparison.Ordinal) == true;
        return new Place(known && scope is not (null or "organization") ? [scope["project:".Length..]] : null, environment is null ? null : [environment])
        {
            AnyProject = !known,
            AnyEnvironment = environment is null,
        };
    }
}
