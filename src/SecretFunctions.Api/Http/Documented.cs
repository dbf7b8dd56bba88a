using Microsoft.AspNetCore.Builder;

namespace SecretFunctions.Api.Http;

internal enum ParameterType
{
    Text,
    Flag,
    Number,
}

/// <summary>A query parameter, for the OpenAPI document: handlers read it from the request themselves.</summary>
internal sealed record QueryParameter(string Name, ParameterType Type, string Description)
{
    public static readonly QueryParameter Limit = new("limit", ParameterType.Number, "The most items on one page: 1 to 200, default 50.");
    public static readonly QueryParameter Cursor = new("cursor", ParameterType.Text, "The 'nextCursor' of the page before, of the same list.");
    public static readonly QueryParameter Environment = new("environment", ParameterType.Text, "Default on assignments: dev. On lists: all.");
    public static readonly QueryParameter Scope = new("scope", ParameterType.Text, "organization (the default), project:NAME, automation:NAME or personal.");
    public static readonly QueryParameter Project = new("project", ParameterType.Text, "Only what belongs to this project.");
    public static readonly QueryParameter Tag = new("tag", ParameterType.Text, "Only what carries this tag.");
    public static readonly QueryParameter DryRun = new("dryRun", ParameterType.Flag, "Say what would happen, and change nothing.");
    public static readonly QueryParameter Force = new("force", ParameterType.Flag, "Delete it although it is referred to.");
    public static readonly QueryParameter Provider = new("provider", ParameterType.Text, "Only credentials of this provider.");
    public static readonly QueryParameter Credential = new("credential", ParameterType.Text, "Of this credential only; left out, of all.");
    public static readonly QueryParameter Prefix = new("prefix", ParameterType.Text, "What the names begin with.");
    public static readonly QueryParameter AsAutomation = new("automation", ParameterType.Text, "Through a workload identity: as this automation.");
    public static readonly QueryParameter AsProject = new("project", ParameterType.Text, "Through a workload identity: as this project. An automation has its own.");
    public static readonly QueryParameter AsEnvironment = new("environment", ParameterType.Text, "Through a workload identity: in this environment. Default: dev.");
    public static readonly QueryParameter Release = new("release", ParameterType.Flag, "Give the name away as well, which otherwise stays reserved.");

    /// <summary>Of every list that has pages.</summary>
    public static readonly QueryParameter[] Paging = [Limit, Cursor];

    /// <summary>Of whatever reads through a credential without a kickoff.</summary>
    public static readonly QueryParameter[] Subject = [AsAutomation, AsProject, AsEnvironment];
}

/// <summary>What a body may be, for the OpenAPI document: handlers check it themselves, after the caller is known.</summary>
/// <param name="IsPatch">Nothing in it is required, and null removes.</param>
internal sealed record BodyDescription(Type Type, bool IsPatch, params string[] MediaTypes);

/// <summary>A second form of the success, which depends on the request.</summary>
internal sealed record OtherAnswer(Type Type);

/// <summary>A POST that makes something: it answers 201 and never 200.</summary>
internal sealed record MakesResource;

/// <summary>If-Match and If-None-Match are heeded. Every PUT, PATCH and DELETE does; others say so.</summary>
internal sealed record HeedsPreconditions;

internal static class DocumentedExtensions
{
    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, params QueryParameter[] parameters)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata([.. parameters]);

    public static TBuilder TakesPatchOf<TBuilder>(this TBuilder endpoint, Type request)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new BodyDescription(request, IsPatch: true, MergePatch.MediaType, JsonBody.MediaType));

    public static RouteHandlerBuilder MayAnswer<T>(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new OtherAnswer(typeof(T)));

    public static TBuilder Makes<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new MakesResource());
}
