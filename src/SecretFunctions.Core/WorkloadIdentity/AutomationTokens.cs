using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <param name="Config">Decides how much of the automation the token names; null: the only one there is for this audience.</param>
/// <param name="Kickoff">As the caller tells it. It becomes claims.</param>
public sealed record TokenInput(string Audience, string Environment, string? Config, Kickoff? Kickoff);

/// <summary>
/// Tokens for automations' own use: an automation gets one about itself alone, for audiences it was given, and none that is not recorded. Safe
/// for concurrent use.
/// </summary>
public sealed class AutomationTokens
{
    private readonly AutomationDirectory _automations;
    private readonly Environments _environments;
    private readonly TokenAudiences _audiences;
    private readonly SubjectLimits _limits;
    private readonly ProviderCatalog _providers;
    private readonly TokenIssuer _issuer;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;

    public AutomationTokens(
        AutomationDirectory automations,
        Environments environments,
        TokenAudiences audiences,
        SubjectLimits limits,
        ProviderCatalog providers,
        TokenIssuer issuer,
        AuditLog audit,
        TimeProvider time)
    {
        _automations = automations;
        _environments = environments;
        _audiences = audiences;
        _limits = limits;
        _providers = providers;
        _issuer = issuer;
        _audit = audit;
        _time = time;
    }

    /// <summary>The token is the caller's to dispose.</summary>
    public async Task<Result<IssuedToken>> MintAsync(Session session, TokenInput input, CancellationToken cancellationToken)
    {
        var (caller, view) = session;
        if (caller.Principal.Type != PrincipalType.Automation)
        {
            return AutomationsOnly;
        }

        if (Authorizer.CheckEnvironment(caller, input.Environment) is { } failure
            || !(await FindAsync(caller, view.Organization, input.Environment, cancellationToken)).TryGet(out var who, out failure)
            || !(await _audiences.ChooseAsync(view.Organization, who, input.Audience, input.Config, cancellationToken)).TryGet(out var grant, out failure)
            || !Request(who, input, grant.Config).TryGet(out var request, out failure)
            || !(await _issuer.MintAsync(request, cancellationToken)).TryGet(out var token, out failure))
        {
            return failure;
        }

        var recorded = false;
        try
        {
            // Not given up when the caller hangs up: it is written all the same, and before anything is handed out.
            await _audit.AppendAsync(Describe(caller, request, input, grant.Config));
            recorded = true;
            return token;
        }
        finally
        {
            if (!recorded)
            {
                token.Dispose();
            }
        }
    }

    private async Task<Result<TokenSubject>> FindAsync(Caller caller, Organization organization, string environment, CancellationToken cancellationToken)
    {
        if (await _environments.CheckAsync(organization.Id, environment, cancellationToken) is { } noEnvironment)
        {
            return noEnvironment with { Kind = FailureKind.Invalid };
        }

        return (await _automations.GetAsync(organization.Id, caller.Principal.Name, cancellationToken)).TryGet(out var automation, out var failure)
            ? new TokenSubject(organization.Name, automation.Document.Project, environment, automation.Document.Name)
            : failure;
    }

    private Result<TokenRequest> Request(TokenSubject who, TokenInput input, WorkloadIdentityConfig? config)
    {
        if (config is null)
        {
            return new TokenRequest(who, input.Audience) { Kickoff = input.Kickoff };
        }

        var subject = who.Cut(config.SubjectScope);
        return _limits.Check(config, subject) is { } tooLong
            ? tooLong
            : new TokenRequest(subject, input.Audience)
            {
                Kickoff = input.Kickoff,
                SessionTags = _providers.FindCloud(config.Cloud)?.TakesSessionTags == true,
            };
    }

    private AuditEvent Describe(Caller caller, TokenRequest request, TokenInput input, WorkloadIdentityConfig? config)
    {
        var target = new List<KeyValuePair<string, string>>
        {
            KeyValuePair.Create("environment", input.Environment),
            KeyValuePair.Create("audience", request.Audience),
            KeyValuePair.Create("subject", request.Subject.ToString()),
        };
        if (config is not null)
        {
            target.Add(KeyValuePair.Create("config", config.Name));
        }

        return new AuditEvent(_time.GetUtcNow(), caller, "token.mint", AuditEvent.Success) { Target = target, Kickoff = input.Kickoff };
    }

    private static Failure AutomationsOnly { get; } = Failure.Denied(
        "token.automation_only", "Tokens are about automations: only an automation's own principal gets one, and only about itself.") with
    {
        Hint = "Call with an API key that is bound to an automation.",
    };
}
