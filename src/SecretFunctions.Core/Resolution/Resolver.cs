using System.Diagnostics;
using System.Security.Cryptography;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Telemetry;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Resolution;

/// <summary>What to resolve.</summary>
/// <param name="Automation">Null: the caller itself, or for members and services everything they may use.</param>
/// <param name="Tags">Keeps variables carrying at least one; empty: no filter.</param>
/// <param name="Partial">Hand out what resolves, and say what does not.</param>
public sealed record ResolveInput(
    string? Automation, string? Project, string Environment, IReadOnlyList<string> Tags, Kickoff? Kickoff, bool Fresh, bool Partial, string? Snapshot);

/// <summary>
/// One kickoff: authorize, plan, fetch, open, record, release. Nothing is handed out before its audit event is durable, and
/// nothing at all where that cannot be. Safe for concurrent use.
/// </summary>
public sealed class Resolver
{
    private readonly PlanBuilder _plans;
    private readonly AutomationDirectory _automations;
    private readonly SecretFetcher _fetcher;
    private readonly ProviderCatalog _providers;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;

    public Resolver(
        ResourceStore resources,
        AutomationDirectory automations,
        Environments environments,
        ReferenceBinder references,
        SealingKeys sealingKeys,
        SecretFetcher fetcher,
        ProviderCatalog providers,
        AuditLog audit,
        TimeProvider time)
    {
        _plans = new PlanBuilder(resources.Store, environments, references, sealingKeys, time);
        _automations = automations;
        _fetcher = fetcher;
        _providers = providers;
        _audit = audit;
        _time = time;
    }

    /// <param name="action">For the audit log: <c>variable.resolve</c> or <c>variable.render</c>.</param>
    public ValueTask<Result<Resolution>> ResolveAsync(Session session, ResolveInput input, string action, CancellationToken cancellationToken) =>
        Watch.Begin(SignalNames.Spans.Resolve, ActivityKind.Internal, Signals.ResolveDuration) is { } watch
            ? new(WatchedAsync(watch, session, input, action, cancellationToken))
            : RunAsync(session, input, action, cancellationToken);

    private async ValueTask<Result<Resolution>> RunAsync(Session session, ResolveInput input, string action, CancellationToken cancellationToken)
    {
        var (caller, view) = session;
        var automation = AutomationOf(caller, input);
        if (Authorizer.CheckResolve(caller, automation, input.Project, input.Environment) is { } denied)
        {
            return await RefuseAsync(caller, automation, input, action, denied);
        }

        if (input.Snapshot is not null && automation is null)
        {
            return Failure.Invalid("snapshot.needs_automation", "A snapshot belongs to an automation: name it.");
        }

        if (!(await GetPlanAsync(session, automation, input, cancellationToken)).TryGet(out var plan, out var failure))
        {
            return await RefuseAsync(caller, automation, input, action, await HideAsync(caller, automation, input.Environment, failure, cancellationToken));
        }

        if (plan.Project is { } project && !Authorizer.AllowsResolve(caller, project, input.Environment))
        {
            return await RefuseAsync(caller, automation, input, action, AutomationDirectory.NotFound(automation!));
        }

        var fetched = plan.References.Count == 0 ? null : await _fetcher.FetchAsync(view, plan.References, input.Fresh, cancellationToken);
        var resolution = new Resolution(plan.TotalLength, plan.Entries.Count, _time.GetUtcNow()) { Plan = plan };
        try
        {
            var auditJson = Open(view, plan, fetched, resolution);
            var released = resolution.Errors.Count == 0 || input.Partial;
            if (auditJson.Length > AuditLog.MaxVariablesBytes)
            {
                return await RefuseAsync(caller, automation, input, action, TooLargeToRecord);
            }

            var auditEvent = Describe(caller, automation, input, action, resolution, released) with { VariablesJson = auditJson };

            // Not given up when the caller hangs up: it is written all the same, and soon.
            await _audit.AppendAsync(auditEvent);
            if (released)
            {
                var result = resolution;
                resolution = null;
                return result;
            }

            return new Failure(
                FailureKind.Unresolved, "resolve.failed", $"{resolution.Errors.Count} of {plan.Entries.Count} variables could not be resolved, so none is handed out.")
            {
                Errors = resolution.Errors,
            };
        }
        finally
        {
            resolution?.Dispose();
        }
    }

    /// <summary>What is wrong with an automation that is out of the caller's reach would say that there is one.</summary>
    private async Task<Failure> HideAsync(Caller caller, string? automation, string environment, Failure failure, CancellationToken cancellationToken) =>
        automation is not null
        && (await _automations.GetAsync(caller.OrganizationId, automation, cancellationToken)).TryGet(out var stored, out _)
        && !Authorizer.AllowsResolve(caller, stored.Document.Project, environment)
            ? AutomationDirectory.NotFound(automation)
            : failure;

    private static string? AutomationOf(Caller caller, ResolveInput input) =>
        input.Automation ?? (caller.Principal.Type == PrincipalType.Automation ? caller.Principal.Name : null);

    private Task<Result<Resolution>> WatchedAsync(Watch watch, Session session, ResolveInput input, string action, CancellationToken cancellationToken)
    {
        return watch.RunAsync(() => RunAsync(session, input, action, cancellationToken).AsTask(), Outcome);

        string Outcome(Result<Resolution> result)
        {
            if (result.TryGet(out var resolution, out var failure) || failure.Kind == FailureKind.Unresolved)
            {
                // Only now: what a caller names may be anything until it was found.
                watch.OnSpan(SignalNames.Attributes.Organization, session.Caller.OrganizationName)
                    .OnSpan(SignalNames.Attributes.Environment, input.Environment)
                    .OnSpan(SignalNames.Attributes.Automation, AutomationOf(session.Caller, input))
                    .OnSpan(SignalNames.Attributes.Variables, resolution?.Count);
            }

            return failure?.Code ?? (resolution!.Errors.Count == 0 ? SignalNames.Outcomes.Success : SignalNames.Outcomes.Partial);
        }
    }

    private async ValueTask<Result<ResolutionPlan>> GetPlanAsync(Session session, string? automation, ResolveInput input, CancellationToken cancellationToken)
    {
        var (caller, view) = session;
        var tags = input.Tags.Count == 0 ? "" : string.Join('\n', input.Tags.Order(StringComparer.Ordinal));

        var candidate = Authorizer.PersonalCandidate(caller, input.Environment, input.Kickoff?.TriggeredBy);
        var key = new PlanKey(automation, automation is null ? input.Project : null, input.Environment, candidate, caller.OwnPerson, tags, input.Snapshot)
        {
            WithoutOrganization = automation is null && !Authorizer.AllowsOrganizationValues(caller, input.Environment),
        };
        return view.Plans.TryGet(key) is { } plan
            ? plan
            : await view.Plans.GetAsync(key, wanted => BuildAsync(view, wanted), cancellationToken);
    }

    /// <summary>Shared by all that ask for the same plan at once, so not one caller's to cancel.</summary>
    private async Task<Result<ResolutionPlan>> BuildAsync(OrganizationView view, PlanKey key)
    {
        Automation? owned = null;
        if (key.Automation is { } name)
        {
            if (!(await _automations.GetAsync(view.Organization.Id, name, CancellationToken.None)).TryGet(out var automation, out var failure))
            {
                return failure;
            }

            owned = automation.Document;
        }

        return await _plans.BuildAsync(
            view, key with { Person = Authorizer.PersonalOwner(key.Person, key.Member is not null, owned?.Owner) }, owned, CancellationToken.None);
    }

    /// <summary>Opens every value into one buffer. Whatever does not open becomes an error, never an empty string.</summary>
    /// <returns>The audit event's list of variables.</returns>
    private ReadOnlyMemory<byte> Open(
        OrganizationView view, ResolutionPlan plan, IReadOnlyDictionary<SecretKey, FetchOutcome>? fetched, Resolution resolution)
    {
        // The usual case first: nothing to fetch, everything opens, and what is said about it was prepared with the plan.
        if (plan.Joined is { } values && resolution.TryAddAll(plan.Places, values))
        {
            resolution.Sources = plan.Sources;
            return plan.AuditJson;
        }

        var variables = new List<ResolvedVariable>(plan.Entries.Count);
        foreach (var entry in plan.Entries)
        {
            variables.Add(OpenOne(view, entry, fetched, resolution));
        }

        resolution.Sources = [.. variables.Select(static variable => variable.Failure is null ? variable.Source : null).OfType<ResolvedSource>()];
        resolution.Errors =
        [
            .. variables.Where(static variable => variable.Failure is not null).Select(static variable =>
                new FailureEntry(variable.Failure!.Code, variable.Failure.Detail)
                {
                    Key = variable.Entry.Key,
                    Hint = variable.Failure.Hint,
                    ProviderCode = variable.Failure.ProviderCode,
                }),
        ];
        return ResolutionAudit.Describe(variables);
    }

    private ResolvedVariable OpenOne(
        OrganizationView view, PlanEntry entry, IReadOnlyDictionary<SecretKey, FetchOutcome>? fetched, Resolution resolution)
    {
        if (entry.Reference is { } reference)
        {
            var outcome = fetched![reference.Key];
            var source = Describe(entry, reference, outcome);
            if (outcome.Secret is null)
            {
                return new ResolvedVariable(entry, source, outcome.Failure);
            }

            if (!Select(reference, outcome.Secret).TryGet(out var value, out var failure))
            {
                return new ResolvedVariable(entry, source, failure);
            }

            using (value)
            {
                resolution.Add(entry.Key, value.Reveal());
                return new ResolvedVariable(entry, source with { Fingerprint = view.Keys.Fingerprint(value.Reveal()) }, null);
            }
        }

        return entry.Value is { } sealedValue && resolution.TryAdd(entry.Key, sealedValue)
            ? new ResolvedVariable(entry, entry.Source, null)
            : new ResolvedVariable(entry, entry.Source, entry.Failure ?? VariableDirectory.Undecryptable(entry.Key));
    }

    private static ResolvedSource Describe(PlanEntry entry, BoundReference reference, FetchOutcome outcome) => new(
        entry.Key,
        entry.Scope,
        ResolvedSource.Provider,
        reference.Credential.Name,
        reference.Address.Name,
        outcome.Secret?.Version ?? reference.Address.Version ?? "",
        "",
        outcome.Secret?.FetchedAt ?? default,
        outcome.Stale);

    private Result<SecretValue> Select(BoundReference reference, CachedSecret secret)
    {
        if (_providers.Find(reference.Credential.Provider) is not { } provider)
        {
            throw new InvalidOperationException("What was read had a provider.");
        }

        var plaintext = GC.AllocateUninitializedArray<byte>(secret.Payload.Length, pinned: true);
        try
        {
            if (!secret.Payload.TryOpen(plaintext))
            {
                return VariableDirectory.Undecryptable(reference.Address.Name);
            }

            using var payload = new SecretPayload(new SecretValue(plaintext), secret.Version);
            return provider.Select(payload, reference.Selector);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private AuditEvent Describe(Caller caller, string? automation, ResolveInput input, string action, Resolution resolution, bool released)
    {
        var outcome = resolution.Errors.Count == 0 ? AuditEvent.Success : released ? AuditEvent.Partial : AuditEvent.Failed;
        return new AuditEvent(_time.GetUtcNow(), caller, action, outcome) { Target = ResolutionAudit.Target(automation, input), Kickoff = input.Kickoff };
    }

    /// <summary>What was tried in vain leaves an event too.</summary>
    private async Task<Failure> RefuseAsync(Caller caller, string? automation, ResolveInput input, string action, Failure failure)
    {
        var outcome = failure.Kind == FailureKind.Denied ? AuditEvent.Denied : AuditEvent.Failed;
        await _audit.AppendAsync(new AuditEvent(_time.GetUtcNow(), caller, action, outcome)
        {
            Target = ResolutionAudit.Target(automation, input),
            Kickoff = input.Kickoff,
            Code = failure.Code,
        });
        return failure;
    }

    private static Failure TooLargeToRecord { get; } = Failure.Invalid(
        "resolve.too_large_to_record", "The names of these variables and their secrets are more than one audit event holds. Narrow it with tags, or assign fewer.");
}
