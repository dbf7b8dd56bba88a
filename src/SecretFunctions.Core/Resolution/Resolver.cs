using System.Buffers;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Resolution;

/// <summary>What to resolve.</summary>
/// <param name="Automation">Null: the caller itself, or for members and services everything they may use.</param>
/// <param name="Tags">Keeps variables carrying at least one; empty: no filter.</param>
/// <param name="Partial">Hand out what resolves, and say what does not.</param>
public sealed record ResolveInput(
    string? Automation, string? Project, string Environment, IReadOnlyList<string> Tags, Kickoff? Kickoff, bool Fresh, bool Partial, string? Snapshot);

/// <summary>
/// One kickoff: authorize, plan, open, record, release. Nothing is handed out before its audit event is durable, and
/// nothing at all where that cannot be. Safe for concurrent use.
/// </summary>
public sealed class Resolver
{
    private readonly PlanBuilder _plans;
    private readonly AutomationDirectory _automations;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;

    public Resolver(IEntityStore store, AutomationDirectory automations, Environments environments, AuditLog audit, TimeProvider time)
    {
        _plans = new PlanBuilder(store, automations, environments, time);
        _automations = automations;
        _audit = audit;
        _time = time;
    }

    /// <param name="action">For the audit log: <c>variable.resolve</c> or <c>variable.render</c>.</param>
    public async ValueTask<Result<Resolution>> ResolveAsync(Session session, ResolveInput input, string action, CancellationToken cancellationToken)
    {
        var (caller, view) = session;
        var automation = input.Automation ?? (caller.Principal.Type == PrincipalType.Automation ? caller.Principal.Name : null);
        if (Authorizer.CheckResolve(caller, automation, input.Environment) is { } denied)
        {
            return denied;
        }

        if (input.Snapshot is not null && automation is null)
        {
            return Failure.Invalid("snapshot.needs_automation", "A snapshot belongs to an automation: name it.");
        }

        if (!(await GetPlanAsync(session, automation, input, cancellationToken)).TryGet(out var plan, out var failure))
        {
            return failure;
        }

        var resolution = Open(plan, out var errors);
        try
        {
            var released = errors is null || input.Partial;
            var record = Describe(caller, automation, input, action, plan, errors, released);
            if (record.VariablesJson.Length > AuditLog.MaxVariablesBytes)
            {
                return TooLargeToRecord;
            }

            await _audit.AppendAsync(record).WaitAsync(cancellationToken);
            if (released)
            {
                var result = resolution;
                resolution = null;
                return result;
            }
        }
        finally
        {
            resolution?.Dispose();
        }

        return new Failure(
            FailureKind.Unresolved, "resolve.failed", $"{errors!.Count} of {plan.Entries.Count} variables could not be resolved, so none is handed out.")
        {
            Errors = errors,
        };
    }

    private async ValueTask<Result<ResolutionPlan>> GetPlanAsync(Session session, string? automation, ResolveInput input, CancellationToken cancellationToken)
    {
        var (caller, view) = session;
        var tags = input.Tags.Count == 0 ? "" : string.Join('\n', input.Tags.Order(StringComparer.Ordinal));

        var person = Authorizer.PersonalOwner(caller, input.Kickoff?.TriggeredBy, automation is null ? null : PlanKey.AutomationsOwner);
        var key = new PlanKey(automation, automation is null ? input.Project : null, input.Environment, person, tags, input.Snapshot);
        return view.Plans.TryGet(key) is { } plan
            ? plan
            : await view.Plans.GetAsync(key, wanted => BuildAsync(view, wanted), cancellationToken);
    }

    /// <summary>Shared by all that ask for the same plan at once, so not one caller's to cancel.</summary>
    private async Task<Result<ResolutionPlan>> BuildAsync(OrganizationView view, PlanKey key)
    {
        if (key is { Person: PlanKey.AutomationsOwner, Automation: { } name })
        {
            if (!(await _automations.GetAsync(view.Organization.Id, name, CancellationToken.None)).TryGet(out var automation, out var failure))
            {
                return failure;
            }

            key = key with { Person = automation.Document.Owner };
        }

        return await _plans.BuildAsync(view, key, CancellationToken.None);
    }

    /// <summary>Opens every value into one buffer. Whatever does not open becomes an error, never an empty string.</summary>
    private Resolution Open(ResolutionPlan plan, out List<FailureEntry>? errors)
    {
        errors = null;
        var plaintext = ArrayPool<byte>.Shared.Rent(Math.Max(1, plan.TotalLength));
        var values = new List<(string Key, int Offset, int Length)>(plan.Entries.Count);
        List<ResolvedSource>? sources = null;
        var offset = 0;
        for (var i = 0; i < plan.Entries.Count; i++)
        {
            var entry = plan.Entries[i];
            if (entry.Value is { } value && value.TryOpen(plaintext.AsSpan(offset, value.Length)))
            {
                values.Add((entry.Key, offset, value.Length));
                sources?.Add(entry.Source!);
                offset += value.Length;
                continue;
            }

            sources ??= [.. plan.Entries.Take(i).Select(static earlier => earlier.Source).OfType<ResolvedSource>()];
            var failure = entry.Failure ?? VariableDirectory.Undecryptable(entry.Key);
            (errors ??= []).Add(new FailureEntry(failure.Code, failure.Detail) { Key = entry.Key, Hint = failure.Hint, ProviderCode = failure.ProviderCode });
        }

        return new Resolution(plaintext, values, _time.GetUtcNow()) { Sources = sources ?? plan.Sources, Errors = errors ?? [] };
    }

    private AuditEvent Describe(
        Caller caller, string? automation, ResolveInput input, string action, ResolutionPlan plan, List<FailureEntry>? errors, bool released)
    {
        var outcome = errors is null ? AuditEvent.Success : released ? AuditEvent.Partial : AuditEvent.Failed;
        return new AuditEvent(_time.GetUtcNow(), caller, action, outcome)
        {
            Target = Target(automation, input),
            VariablesJson = errors is null ? plan.AuditJson : DescribeVariables(plan, errors),
            Kickoff = input.Kickoff,
        };
    }

    /// <summary>As they ended now: a value that opened when it was planned may have failed since.</summary>
    private static ReadOnlyMemory<byte> DescribeVariables(ResolutionPlan plan, List<FailureEntry> errors)
    {
        var failed = errors.Select(static error => error.Key).ToHashSet(StringComparer.Ordinal);
        return ResolutionAudit.Describe(plan.Entries.Select(entry => new ResolvedVariable(
            entry.Key, entry.Scope, entry.Source, failed.Contains(entry.Key) ? entry.Failure ?? VariableDirectory.Undecryptable(entry.Key) : null)));
    }

    private static Failure TooLargeToRecord { get; } = Failure.Invalid(
        "resolve.too_large_to_record", "The names of these variables and their secrets are more than one audit event holds. Narrow it with tags, or assign fewer.");

    private static List<KeyValuePair<string, string>> Target(string? automation, ResolveInput input)
    {
        var target = new List<KeyValuePair<string, string>>(4) { KeyValuePair.Create("environment", input.Environment) };
        if (automation is not null)
        {
            target.Add(KeyValuePair.Create("automation", automation));
        }

        if (input.Project is not null)
        {
            target.Add(KeyValuePair.Create("project", input.Project));
        }

        if (input.Snapshot is not null)
        {
            target.Add(KeyValuePair.Create("snapshot", input.Snapshot));
        }

        return target;
    }
}
