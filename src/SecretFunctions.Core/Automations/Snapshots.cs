using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Automations;

/// <summary>Pinned, sealed sets of resolved values: what a deployment resolved once. Safe for concurrent use.</summary>
public sealed class Snapshots(ResourceStore resources, OrganizationViews views, AutomationDirectory automations, Resolver resolver)
{
    /// <summary>Of all values together: a snapshot is one entity.</summary>
    public const int MaxBytes = 512 * 1024;

    private const int MaxIdLength = 40;

    private static readonly Demand View = new(Feature.Automations, Level.View);
    private static readonly Demand Manage = new(Feature.Automations, Level.Manage);

    public Task<Result<Stored<Snapshot>>> GetAsync(Caller caller, string automation, string id, CancellationToken cancellationToken) =>
        FindAsync(caller, View, automation, id, cancellationToken);

    /// <summary>Those of the environments that are the caller's.</summary>
    public async Task<Result<StoredPage<Snapshot>>> ListAsync(
        Caller caller, string automation, int limit, string? from, CancellationToken cancellationToken)
    {
        if (!(await automations.FindAsync(caller, View, automation, null, cancellationToken)).TryGet(out var owner, out var failure))
        {
            return failure;
        }

        var range = EntityRange.Prefix(caller.OrganizationId, Rows.SnapshotPrefix(automation));
        return await resources.Store.ListAsync(
            range with { From = from ?? range.From },
            limit,
            StoredJson.Default.Snapshot,
            snapshot => Authorizer.Allows(caller, View, Place.In(owner.Document.Project, snapshot.Environment)),
            cancellationToken);
    }

    /// <summary>Resolves what is assigned now, all of it, and keeps it.</summary>
    public async Task<Result<Saved<Snapshot>>> CreateAsync(
        Session session, string automation, ResolveInput input, string? description, CancellationToken cancellationToken)
    {
        // As of now: the caller's view is as old as the request, which may have come in slowly, and what is sealed here has to outlast rotations.
        var caller = session.Caller;
        if (await views.GetAsync(caller.OrganizationId, cancellationToken) is not { } view)
        {
            return VariableDirectory.Gone;
        }

        session = session with { View = view };
        if (Authorizer.Check(caller, Manage, Place.SomewhereIn(input.Environment)) is { } failure
            || !(await automations.FindAsync(caller, Manage, automation, input.Environment, cancellationToken)).TryGet(out _, out failure)
            || !(await resolver.ResolveAsync(session, input with { Automation = automation, Partial = false, Snapshot = null }, "snapshot.resolve", cancellationToken))
                .TryGet(out var resolution, out failure))
        {
            return failure;
        }

        using (resolution)
        {
            if (resolution.TotalLength > MaxBytes)
            {
                return new Failure(FailureKind.TooLarge, "snapshot.too_large", $"A snapshot holds at most {MaxBytes} bytes of values; these have {resolution.TotalLength}.");
            }

            // Sorts with time, and cannot be guessed.
            var id = Guid.CreateVersion7(resources.Now).ToString("n");
            var snapshot = new Snapshot(id, automation, input.Environment, [], Changes.Made(resources.Now, caller.Principal.ToString())) { Description = description };
            var entries = new List<SnapshotEntry>(resolution.Count);
            for (var i = 0; i < resolution.Count; i++)
            {
                var source = resolution.Sources[i];
                var context = new SealContext(caller.OrganizationId, snapshot.SealSubject(source.Key), 1);
                var envelope = Envelope.Seal(view.Keys, context, resolution.Reveal(i));
                entries.Add(new SnapshotEntry(source.Key, source.Scope, source.From, source.Credential, source.Secret, source.Version, envelope));
            }

            snapshot = snapshot with { Entries = entries };
            var result = await resources.CommitAsync(
                caller,
                [EntityWrite.Insert(Rows.Snapshot(automation, id), Documents.Serialize(snapshot, StoredJson.Default.Snapshot))],
                Change.Of("snapshot.create", ("automation", automation), ("environment", input.Environment), ("snapshot", id)),
                cancellationToken);
            return result.Conflict switch
            {
                null => new Saved<Snapshot>(snapshot, result.ETags[0], Created: true),
                WriteConflict.TooLarge => new Failure(FailureKind.TooLarge, "snapshot.too_large", "These variables, with their names, are more than one snapshot holds."),
                _ => ResourceStore.Busy,
            };
        }
    }

    public async Task<Failure?> DeleteAsync(Caller caller, string automation, string id, Precondition precondition, CancellationToken cancellationToken) =>
        (await FindAsync(caller, Manage, automation, id, cancellationToken)).Failure
        ?? await resources.DeleteAsync(
            caller,
            Rows.Snapshot(automation, id),
            StoredJson.Default.Snapshot,
            precondition,
            Change.Of("snapshot.delete", ("automation", automation), ("snapshot", id)),
            NotFound(automation, id),
            cancellationToken);

    /// <summary>Only the document says which environment it is of, so one that is out of the caller's reach is not there.</summary>
    private async Task<Result<Stored<Snapshot>>> FindAsync(Caller caller, Demand demand, string automation, string id, CancellationToken cancellationToken) =>
        id.Length <= MaxIdLength && id.All(char.IsAsciiLetterOrDigit)
        && await resources.GetAsync(caller.OrganizationId, Rows.Snapshot(automation, id), StoredJson.Default.Snapshot, cancellationToken) is { } stored
        && (await automations.FindAsync(caller, demand, automation, stored.Document.Environment, cancellationToken)).Failure is null
            ? stored
            : NotFound(automation, id);

    private static Failure NotFound(string automation, string id) =>
        Failure.NotFound("snapshot.not_found", $"Automation '{automation}' has no snapshot '{id}'.");
}
