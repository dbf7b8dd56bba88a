using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Api.Resolve;

/// <summary>The selectors that resolve, render and snapshots have in common, checked in one place.</summary>
internal static class ResolveInputs
{
    private const int MaxTags = 50;
    private const int MaxTextLength = 200;

    public static Result<ResolveInput> Parse(
        string? automation,
        string? project,
        string? environment,
        IReadOnlyList<string>? tags,
        KickoffRequest? kickoff,
        bool fresh,
        bool partial,
        string? snapshot)
    {
        environment ??= DeploymentEnvironment.Default;
        if (RequestExtensions.CheckSlug(environment, "environment") is { } failure
            || (automation is not null && (failure = RequestExtensions.CheckSlug(automation, "automation")) is not null)
            || (project is not null && (failure = RequestExtensions.CheckSlug(project, "project")) is not null)
            || !ParseKickoff(kickoff).TryGet(out var known, out failure))
        {
            return failure;
        }

        if (automation is not null && project is not null)
        {
            return Failure.Invalid("resolve.project_not_applicable", "An automation belongs to a project already: leave 'project' out.");
        }

        if (tags is { Count: > MaxTags } || tags?.Any(static tag => !Slug.TryParse(tag, out _)) == true)
        {
            return Failure.Invalid("resolve.tags_invalid", $"At most {MaxTags} tags, each formed like a resource name.");
        }

        if (snapshot is not null && !Slug.TryParse(snapshot, out _))
        {
            return Failure.Invalid("snapshot.id_invalid", "That is not a snapshot's id.");
        }

        return new ResolveInput(automation, project, environment, tags ?? [], known.Kickoff, fresh, partial, snapshot);
    }

    public static Result<(Kickoff? Kickoff, bool Ok)> ParseKickoff(KickoffRequest? kickoff)
    {
        if (kickoff is null)
        {
            return (null, true);
        }

        if (kickoff.Id is { Length: > MaxTextLength } || kickoff.Id?.Any(char.IsControl) == true)
        {
            return Failure.Invalid("kickoff.id_invalid", $"A kickoff's id has at most {MaxTextLength} characters, none of them a control character.");
        }

        if (kickoff.Kind is not null && !Kickoff.Kinds.Contains(kickoff.Kind))
        {
            return Failure.Invalid("kickoff.kind_unknown", $"A kickoff's kind is one of {string.Join(", ", Kickoff.Kinds)}.");
        }

        string? triggeredBy = null;
        return kickoff.TriggeredBy is not null && !MemberEmail.TryParse(kickoff.TriggeredBy, out triggeredBy)
            ? Failure.Invalid("kickoff.triggered_by_invalid", "'triggeredBy' is a member's e-mail.")
            : (new Kickoff(kickoff.Id, kickoff.Kind, triggeredBy), true);
    }
}
