using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Credentials;

/// <summary>As whom an admin looks through a credential. Of no account where the credential tells nobody apart.</summary>
/// <param name="Project">Where no automation is named, which has its own.</param>
public sealed record SubjectChoice(string? Automation, string? Project, string Environment);

/// <summary>Binds a credential as a kickoff would, where there is no kickoff: to test it, and to list secrets. Safe for concurrent use.</summary>
public sealed class CredentialSubjects(SubjectBinder binder, AutomationDirectory automations, Projects projects, Environments environments)
{
    /// <summary>Invalid where the choice is, Denied where it is not the caller's; any other failure is what a kickoff would meet.</summary>
    /// <param name="caller">Who looks, with this demand: not as anybody who is out of their reach.</param>
    public async Task<Result<StoreAccess>> BindAsync(
        Caller caller, Demand demand, Organization organization, ProviderCredential credential, SubjectChoice choice, CancellationToken cancellationToken)
    {
        if (credential.Auth.Config is null)
        {
            return new StoreAccess(credential);
        }

        if (!(await FindAsync(caller, demand, organization, choice, cancellationToken)).TryGet(out var who, out var failure))
        {
            return failure;
        }

        if (!(await binder.BindAsync(organization.Id, credential, who, cancellationToken)).TryGet(out var access, out failure))
        {
            return AskForSubject(failure);
        }

        return CheckScope(credential, who) is { } outOfScope ? outOfScope : access;
    }

    /// <summary>Whom a configuration's tokens would be about. Invalid where the choice is; any other failure is what a kickoff would meet.</summary>
    internal async Task<Result<BoundSubject>> BindAsync(
        Organization organization, WorkloadIdentityConfig config, TokenSubject who, CancellationToken cancellationToken)
    {
        var bound = await binder.BindAsync(organization.Id, config, who, cancellationToken);
        return bound.Failure is { } failure ? AskForSubject(failure) : bound;
    }

    /// <summary>Null where the credential is for them.</summary>
    internal static Failure? CheckScope(ProviderCredential credential, TokenSubject who) =>
        credential.Scope.Permits(who.Project, who.Automation) ? null : Resolution.ReferenceBinder.OutOfScope(credential) with { Kind = FailureKind.Unresolved };

    /// <summary>Everything that is known of whoever was chosen; Invalid where there is no such one.</summary>
    internal async Task<Result<TokenSubject>> FindAsync(
        Caller caller, Demand demand, Organization organization, SubjectChoice choice, CancellationToken cancellationToken)
    {
        if (Authorizer.Check(caller, demand, Place.SomewhereIn(choice.Environment)) is { } denied)
        {
            return denied;
        }

        var found = await FindAnyAsync(caller, demand, organization, choice, cancellationToken);
        return found.Failure is { Kind: not FailureKind.Denied } failure ? failure with { Kind = FailureKind.Invalid } : found;
    }

    private static Failure AskForSubject(Failure failure) => failure.Code == SubjectBinder.NoAutomation
        ? failure with { Kind = FailureKind.Invalid, Hint = "Say as whom: ?automation=NAME, or ?project=NAME where tokens name no automation; and &environment=NAME for another than dev." }
        : failure;

    private async Task<Result<TokenSubject>> FindAnyAsync(
        Caller caller, Demand demand, Organization organization, SubjectChoice choice, CancellationToken cancellationToken)
    {
        if (await environments.CheckAsync(organization.Id, choice.Environment, cancellationToken) is { } failure)
        {
            return failure;
        }

        var project = choice.Project;
        if (choice.Automation is { } name)
        {
            if (project is not null)
            {
                return Failure.Invalid("query.invalid", "An automation belongs to a project already: leave 'project' out.");
            }

            if (!(await automations.FindAsync(caller, demand, name, choice.Environment, cancellationToken)).TryGet(out var automation, out failure))
            {
                return failure;
            }

            project = automation.Document.Project;
        }
        else if (project is not null
            && (failure = Authorizer.Check(caller, demand, Place.In(project, choice.Environment)) ?? (await projects.GetAsync(organization.Id, project, cancellationToken)).Failure) is not null)
        {
            return failure;
        }

        return new TokenSubject(organization.Name, project, choice.Environment, choice.Automation);
    }
}
