using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Access;

/// <summary><c>GET /v1/whoami</c>, and which rule decides what somebody may do.</summary>
internal static class WhoamiEndpoint
{
    private static readonly QueryParameter Explain = new(
        "explain", ParameterType.Text, "FEATURE:LEVEL[:ENVIRONMENT[:SCOPE]]: may the caller do this there, and which rule says so? The environment may be empty.");

    private static readonly Failure Malformed = Failure.Invalid(
        "explain.invalid", "What is to be explained is FEATURE:LEVEL, FEATURE:LEVEL:ENVIRONMENT or FEATURE:LEVEL:ENVIRONMENT:SCOPE, as in secret_values:view:prod:project:web.");

    public static void MapWhoami(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/whoami", HandleAsync).WithName("whoami").Takes(Explain).RequiresRecognition();

    internal static async Task<Answer<WhoamiResponse>> HandleAsync(HttpContext context, AutomationDirectory automations, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var answer = new WhoamiResponse(PrincipalForm.ToReference(caller.Principal), caller.OrganizationName, caller.Permissions.ToNames(), caller.Environments)
        {
            Grants = [.. caller.Grants.Select(static grant => new GrantResource(grant.Rule, grant.Permissions.ToNames(), grant.Projects, grant.Environments))],
        };
        if (context.Query("explain") is not { } question)
        {
            return Answer<WhoamiResponse>.Ok(answer);
        }

        return (await ExplainAsync(caller, question, automations, cancellationToken)).TryGet(out var explanation, out var failure)
            ? Answer<WhoamiResponse>.Ok(answer with { Explanation = explanation })
            : failure;
    }

    private static async Task<Result<AccessExplanation>> ExplainAsync(
        Caller caller, string question, AutomationDirectory automations, CancellationToken cancellationToken)
    {
        // A scope may hold a colon itself.
        var parts = question.Split(':', 4);
        if (parts.Length < 2 || !Permissions.TryParse(parts[0], parts[1], out var demand))
        {
            return Malformed;
        }

        var environment = parts.Length > 2 && parts[2].Length > 0 ? parts[2] : null;
        var scope = VariableScope.Organization;
        if (environment is not null && !Slug.TryParse(environment, out _))
        {
            return Malformed;
        }

        if (parts.Length == 4 && !VariableScope.TryParse(parts[3], caller, out scope, out var failure))
        {
            return failure.Kind == FailureKind.Denied ? Describe(demand, new Decision("personal", failure)) : Malformed;
        }

        if (caller.Principal.Type == PrincipalType.Automation && (parts.Length < 4 || scope == VariableScope.Automation(caller.Principal.Name)))
        {
            return Describe(demand, Authorizer.DecideItself(caller, demand, environment));
        }

        if (scope.Kind != ScopeKind.Automation)
        {
            var project = scope.Kind == ScopeKind.Project ? scope.Name : null;
            var place = scope.Kind == ScopeKind.Personal ? Place.Personal(scope.Name, environment)
                : environment is null ? new Place(project is null ? null : [project], [])
                : Place.In(project, environment);
            return Describe(demand, Authorizer.Decide(caller, demand, place));
        }

        var anywhere = Authorizer.Decide(caller, demand, environment is null ? Place.OfSomeProject : Place.SomewhereIn(environment));
        if (!anywhere.Allowed)
        {
            return Describe(demand, anywhere);
        }

        // What is out of reach, and what is not there, is explained alike.
        return (await automations.GetAsync(caller.OrganizationId, scope.Name, cancellationToken)).TryGet(out var automation, out var missing)
            && Authorizer.Decide(caller, demand, environment is null ? Place.OfProject(automation.Document.Project) : Place.In(automation.Document.Project, environment))
                is { Allowed: true } allowed
                ? Describe(demand, allowed)
                : Describe(demand, new Decision("place", missing ?? AutomationDirectory.NotFound(scope.Name)));
    }

    private static AccessExplanation Describe(Demand demand, Decision decision) => new(
        decision.Allowed, decision.Rule, decision.Failure?.Code, decision.Failure?.Detail ?? $"{decision.Rule} allows {demand} there.");
}
