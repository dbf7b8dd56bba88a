using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Resolution;

/// <summary>
/// Reads what a resolve is about. Its cost is that of what is assigned, one read each, however much else is stored. Safe for
/// concurrent use.
/// </summary>
internal sealed class PlanBuilder(
    IEntityStore store, Environments environments, ReferenceBinder references, SealingKeys sealingKeys, TimeProvider time)
{
    /// <summary>Variables in one resolve.</summary>
    public const int MaxVariables = AssignmentList.MaxItems;

    private const int ConcurrentReads = 32;

    /// <param name="automation">The one that the key names.</param>
    public async Task<Result<ResolutionPlan>> BuildAsync(OrganizationView view, PlanKey key, Automation? automation, CancellationToken cancellationToken) =>
        (await BuildEntriesAsync(view, key, automation, cancellationToken)).TryGet(out var entries, out var failure) ? Seal(entries, key, automation?.Project) : failure;

    private async Task<Result<PlanEntry[]>> BuildEntriesAsync(OrganizationView view, PlanKey key, Automation? automation, CancellationToken cancellationToken)
    {
        var organizationId = view.Organization.Id;
        if (await environments.CheckAsync(organizationId, key.Environment, cancellationToken) is { } noEnvironment)
        {
            return noEnvironment with { Kind = FailureKind.Invalid };
        }

        if (key.Snapshot is not null)
        {
            return await BuildSnapshotAsync(view, key, automation, cancellationToken);
        }

        IReadOnlyList<Candidate> chosen;
        if (automation is not null)
        {
            var list = (await store.GetAsync(organizationId, Rows.Assignment(automation.Name, key.Environment), StoredJson.Default.AssignmentList, cancellationToken))?.Document;
            if (key.Member is null && list?.IsByOwner(automation, key.Person) != true)
            {
                key = key with { Person = null };
            }

            chosen = await ReadAssignedAsync(organizationId, automation, list?.Items ?? [], key, cancellationToken);
        }
        else if (!(await ReadUsableAsync(organizationId, key, cancellationToken)).TryGet(out chosen!, out var failure))
        {
            return failure;
        }

        // What is assigned and missing has no tags to be left out by: it fails, whatever the filter.
        var wanted = chosen
            .Where(candidate => candidate.Variable is null || HasTag(candidate.Variable, key))
            .OrderBy(static candidate => candidate.Key, StringComparer.Ordinal)
            .ToArray();
        var who = new TokenSubject(view.Organization.Name, automation?.Project ?? key.Project, key.Environment, key.Automation);
        var bound = await BindAsync(view, who, wanted, cancellationToken);

        // What clients have sealed is opened here, once for as long as the plan holds: no kickoff waits for a private key.
        using var sealing = wanted.Any(static candidate => candidate.Variable?.Current?.IsJwe == true) ? await sealingKeys.OpenAsync(view, cancellationToken) : null;
        return wanted.Select(candidate => Authorizer.IsListed(key.Behind, candidate.Variable?.Access, AccessRole.Member)
            ? ToEntry(view, candidate, bound, sealing) with { Access = candidate.Variable?.Access, RecordedAs = candidate.Address.Scope.Kind == ScopeKind.Personal ? candidate.Address.RecordedAs(view.Keys) : candidate.Key }
            : new PlanEntry(candidate.Key, candidate.Variable!.Scope) { Failure = PlanFailures.Restricted(candidate.Key) }).ToArray();
    }

    /// <summary>What is assigned, each key once: in the order of precedence, the first scope in which it exists.</summary>
    private async Task<IReadOnlyList<Candidate>> ReadAssignedAsync(
        string organizationId, Automation automation, IReadOnlyList<Assignment> items, PlanKey key, CancellationToken cancellationToken)
    {
        var byKey = items.GroupBy(static item => item.Key, StringComparer.Ordinal).ToArray();
        var chosen = new Candidate[byKey.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, byKey.Length),
            new ParallelOptions { MaxDegreeOfParallelism = ConcurrentReads, CancellationToken = cancellationToken },
            async (index, token) => chosen[index] = await ReadFirstAsync(
                organizationId, automation, key, byKey[index].Key, byKey[index].Select(static item => item.Scope).Order(), token));
        return chosen;
    }

    private async Task<Candidate> ReadFirstAsync(
        string organizationId, Automation automation, PlanKey plan, string name, IEnumerable<ScopeKind> scopes, CancellationToken cancellationToken)
    {
        if (!VariableKey.TryParse(name, out var key))
        {
            throw new JsonException("An assignment holds a key that no variable can have.");
        }

        foreach (var kind in scopes)
        {
            if (Assignments.ScopeOf(kind, automation, plan.Person) is { } scope)
            {
                var address = new VariableAddress(plan.Environment, scope, key);
                if (await store.GetAsync(organizationId, address.Row, StoredJson.Default.Variable, cancellationToken) is { } stored)
                {
                    return new Candidate(name, address, stored.Document);
                }
            }
        }

        return new Candidate(name, default, null);
    }

    /// <summary>Without an automation: the organization's, above them a named project's, and last the person's own.</summary>
    private async Task<Result<IReadOnlyList<Candidate>>> ReadUsableAsync(string organizationId, PlanKey key, CancellationToken cancellationToken)
    {
        List<(VariableScope Scope, string Prefix)> scopes = [];
        if (key.Project is { } project)
        {
            scopes.Add((VariableScope.Project(project), $"{Rows.VariablePrefix}{key.Environment}|{VariableScope.Project(project)}|"));
        }

        if (!key.WithoutOrganization)
        {
            scopes.Add((VariableScope.Organization, $"{Rows.VariablePrefix}{key.Environment}|{VariableScope.Organization}|"));
        }

        if (key.Person is { } person)
        {
            scopes.Add((VariableScope.Personal(person), $"{VariableAddress.PersonalPrefix(person)}{key.Environment}|"));
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var chosen = new List<Candidate>();
        foreach (var (scope, prefix) in scopes)
        {
            await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(organizationId, prefix), pageSize: 500, cancellationToken))
            {
                // Precedence first: a variable without the tag still hides those of its name in scopes below.
                var variable = Documents.Read(entity, StoredJson.Default.Variable).Document;
                if (!Authorizer.IsListed(key.Member, variable.Access, AccessRole.Member))
                {
                    // Not for whoever asks, so to them it is not there.
                    continue;
                }

                if (!seen.Add(variable.Key) || !HasTag(variable, key) || !VariableKey.TryParse(variable.Key, out var name))
                {
                    continue;
                }

                if (chosen.Count == MaxVariables)
                {
                    return PlanFailures.TooMany;
                }

                chosen.Add(new Candidate(variable.Key, new VariableAddress(key.Environment, scope, name), variable));
            }
        }

        return chosen;
    }

    /// <summary>Which credential and secret each reference means for this automation, and whether it may.</summary>
    private async Task<Dictionary<ReferenceSource, Result<BoundReference>>> BindAsync(
        OrganizationView view, TokenSubject who, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken)
    {
        var bound = new Dictionary<ReferenceSource, Result<BoundReference>>();
        foreach (var reference in candidates.Select(static candidate => candidate.Variable?.Reference).OfType<ReferenceSource>().Distinct())
        {
            bound[reference] = await references.BindAsync(view.Organization.Id, reference, who, cancellationToken);
        }

        return bound;
    }

    private static bool HasTag(Variable variable, PlanKey key) =>
        key.Tags.Length == 0 || key.Tags.Split('\n').Any(variable.Tags.Contains);

    private async Task<Result<PlanEntry[]>> BuildSnapshotAsync(OrganizationView view, PlanKey key, Automation? automation, CancellationToken cancellationToken)
    {
        var row = Rows.Snapshot(key.Automation!, key.Snapshot!);
        var stored = await store.GetAsync(view.Organization.Id, row, StoredJson.Default.Snapshot, cancellationToken);
        if (stored is null || stored.Document.Environment != key.Environment)
        {
            return Failure.NotFound(
                "snapshot.not_found", $"Automation '{key.Automation}' has no snapshot '{key.Snapshot}' in environment '{key.Environment}'.");
        }

        var snapshot = stored.Document;
        return snapshot.Entries.Select(entry =>
        {
            var isPersonal = entry.Scope == VariableScope.PersonalName;
            if (isPersonal && (snapshot.Person is null || snapshot.Person != key.Person))
            {
                return new PlanEntry(entry.Key, entry.Scope) { RecordedAs = snapshot.Recorded(entry, view.Keys), Failure = PlanFailures.PersonalClosed };
            }

            if (!Authorizer.IsListed(key.Behind, entry.Access, AccessRole.Member))
            {
                return new PlanEntry(entry.Key, entry.Scope) { Failure = PlanFailures.Restricted(entry.Key) };
            }

            var context = new SealContext(view.Organization.Id, snapshot.SealSubject(entry.Key), 1);
            return ToEntry(view, entry.Key, entry.Scope, Envelope.Unwrap(view.Keys, context, entry.Sealed), VariableDirectory.Undecryptable, fingerprint => new ResolvedSource(
                entry.Key, entry.Scope, ResolvedSource.Snapshot, entry.Credential, entry.Secret, entry.Version, fingerprint, snapshot.Changes.CreatedAt, Stale: false)) with
            {
                RecordedAs = snapshot.Recorded(entry, view.Keys),
            };
        }).ToArray();
    }

    private PlanEntry ToEntry(
        OrganizationView view, Candidate candidate, Dictionary<ReferenceSource, Result<BoundReference>> bound, OpenedSealingKeys? sealing)
    {
        var scope = candidate.Variable?.Scope ?? "";
        if (candidate.Variable?.Reference is { } reference)
        {
            return bound[reference].TryGet(out var found, out var failure)
                ? new PlanEntry(candidate.Key, scope) { Reference = found }
                : new PlanEntry(candidate.Key, scope) { Failure = failure };
        }

        if (candidate.Variable is not { Current: { } current } variable)
        {
            return new PlanEntry(candidate.Key, scope) { Failure = PlanFailures.Missing(candidate.Key) };
        }

        var context = candidate.Address.SealContext(view.Organization.Id, current.Version, current.IsJwe);
        var value = current.IsJwe ? sealing?.Unseal(context, current.Sealed) : Envelope.Unwrap(view.Keys, context, current.Sealed);
        var version = current.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return ToEntry(view, candidate.Key, scope, value, current.IsJwe ? PlanFailures.SealedValueInvalid : VariableDirectory.Undecryptable, fingerprint => new ResolvedSource(
            candidate.Key, scope, ResolvedSource.Vault, null, null, version, fingerprint, time.GetUtcNow(), Stale: false));
    }

    private static PlanEntry ToEntry(
        OrganizationView view, string key, string scope, SealedValue? value, Func<string, Failure> undecryptable, Func<string, ResolvedSource> describe)
    {
        if (value is null)
        {
            return new PlanEntry(key, scope) { Failure = undecryptable(key) };
        }

        // Opened once for its fingerprint; from then on only when it is handed out.
        var plaintext = ArrayPool<byte>.Shared.Rent(value.Length);
        try
        {
            var opened = plaintext.AsSpan(0, value.Length);
            return value.TryOpen(opened)
                ? new PlanEntry(key, scope) { Source = describe(view.Keys.Fingerprint(opened)), Value = value }
                : new PlanEntry(key, scope) { Failure = undecryptable(key) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext.AsSpan(0, value.Length));
            ArrayPool<byte>.Shared.Return(plaintext);
        }
    }

    private static ResolutionPlan Seal(PlanEntry[] entries, PlanKey key, string? project)
    {
        var values = new List<SealedValue>(entries.Length);
        var places = new List<(string Key, int Offset, int Length)>(entries.Length);
        var length = 0;
        foreach (var entry in entries)
        {
            if (entry.Value is { } value)
            {
                values.Add(value);
                places.Add((entry.Key, length, value.Length));
                length += value.Length;
            }
        }

        return new ResolutionPlan
        {
            Entries = entries,
            Project = project,
            Person = entries.Any(static entry => entry.Scope == VariableScope.PersonalName) ? key.Person : null,
            References = [.. entries.Select(static entry => entry.Reference).OfType<BoundReference>()],
            Sources = [.. entries.Select(static entry => entry.Source).OfType<ResolvedSource>()],
            Joined = values.Count == entries.Length ? SealedValue.Join(values) : null,
            Places = places,
            TotalLength = length,
            AuditJson = ResolutionAudit.Describe(entries.Select(static entry => new ResolvedVariable(entry, entry.Source, entry.Failure))),
        };
    }

    /// <summary>No struct: what sorts and fetches these is then compiled already, where the first plan waits for it.</summary>
    private sealed record Candidate(string Key, VariableAddress Address, Variable? Variable);
}
