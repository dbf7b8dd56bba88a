using System.Collections.Concurrent;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Resolution;

/// <summary>What decides which variables a resolve is about.</summary>
/// <param name="Automation">Null: a member's or service's own resolve.</param>
/// <param name="Project">Null where none is named, or the automation decides.</param>
/// <param name="Person">Whose personal variables may come last, or null for nobody: see <see cref="Authorizer.PersonalCandidate"/>.</param>
/// <param name="Member">The member who calls themselves, and so is behind it; null: <paramref name="Person"/> is, if anybody.</param>
/// <param name="Tags">Sorted and joined; empty: no filter.</param>
/// <param name="Snapshot">Null: as things are now.</param>
internal readonly record struct PlanKey(string? Automation, string? Project, string Environment, Person? Person, Person? Member, string Tags, string? Snapshot)
{
    /// <summary>The person behind the kickoff, for access lists; null: nobody.</summary>
    public Person? Behind => Member ?? Person;

    /// <summary>Where no automation is named: what belongs to the organization as a whole is not for whoever asks.</summary>
    public bool WithoutOrganization { get; init; }
}

/// <summary>
/// Everything about a resolve that does not change between two revisions: which variables take part, and the sealed
/// values of those in the built-in vault. Immutable; safe for concurrent use.
/// </summary>
internal sealed class ResolutionPlan
{
    public required IReadOnlyList<PlanEntry> Entries { get; init; }

    /// <summary>Whose personal variables are among the entries; null where none are.</summary>
    public Person? Person { get; init; }

    /// <summary>Of the automation, where there is one: whoever resolves for it must be allowed to there.</summary>
    public string? Project { get; init; }

    /// <summary>Those whose values lie in external stores: to be fetched at every resolve.</summary>
    public required IReadOnlyList<BoundReference> References { get; init; }

    /// <summary>The audit event's list of variables where every entry lies in the vault and opens.</summary>
    public required ReadOnlyMemory<byte> AuditJson { get; init; }

    /// <summary>Of all entries in that case; the same object for every resolve.</summary>
    public required IReadOnlyList<ResolvedSource> Sources { get; init; }

    /// <summary>The values of all entries sealed as one, where every entry lies in the vault and opened; else null.</summary>
    public SealedValue? Joined { get; init; }

    /// <summary>Where in <see cref="Joined"/> each value lies.</summary>
    public IReadOnlyList<(string Key, int Offset, int Length)> Places { get; init; } = [];

    /// <summary>Bytes of all values in the vault together.</summary>
    public required int TotalLength { get; init; }
}

/// <summary>One variable of a plan: sealed and at hand, to be fetched, or known to fail.</summary>
internal sealed record PlanEntry(string Key, string Scope)
{
    /// <summary>What the organization's log calls it: not by name, if it is personal.</summary>
    public string RecordedAs { get; init; } = Key;

    /// <summary>Whom the variable is for.</summary>
    public IReadOnlyList<AccessEntry>? Access { get; init; }

    public ResolvedSource? Source { get; init; }

    public SealedValue? Value { get; init; }

    public BoundReference? Reference { get; init; }

    public Failure? Failure { get; init; }
}

/// <summary>Plans of one organization at one revision. Safe for concurrent use.</summary>
internal sealed class PlanCache
{
    /// <summary>Different requests, not different values: far more than an organization's automations and environments.</summary>
    private const int MaxPlans = 4096;

    private readonly ConcurrentDictionary<PlanKey, Lazy<Task<Result<ResolutionPlan>>>> _plans = new();

    /// <summary>The plan, built once however many ask for it at the same time. Failures are not kept.</summary>
    public Task<Result<ResolutionPlan>> GetAsync(PlanKey key, Func<PlanKey, Task<Result<ResolutionPlan>>> build, CancellationToken cancellationToken)
    {
        if (_plans.Count >= MaxPlans)
        {
            _plans.Clear();
        }

        var plan = _plans.GetOrAdd(
            key, static (key, state) => new Lazy<Task<Result<ResolutionPlan>>>(() => state.Cache.BuildAsync(key, state.Build)), (Cache: this, Build: build));
        return plan.Value.WaitAsync(cancellationToken);
    }

    /// <summary>The plan if it is already there: the hot path, without a task.</summary>
    public ResolutionPlan? TryGet(PlanKey key) =>
        _plans.TryGetValue(key, out var plan) && plan is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task } && task.Result.TryGet(out var result, out _)
            ? result
            : null;

    private async Task<Result<ResolutionPlan>> BuildAsync(PlanKey key, Func<PlanKey, Task<Result<ResolutionPlan>>> build)
    {
        var kept = false;
        try
        {
            var plan = await build(key);
            kept = plan.Failure is null;
            return plan;
        }
        finally
        {
            if (!kept)
            {
                _plans.TryRemove(key, out _);
            }
        }
    }
}
