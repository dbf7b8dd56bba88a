using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Organizations;

/// <summary>A document after a change.</summary>
public sealed record Saved<T>(T Document, string ETag, bool Created);

/// <summary>
/// Reads and changes an organization's documents. Every change is one transaction with its audit event and the revision that announces
/// it to other instances: there is no change without a record, and none that goes unnoticed. Safe for concurrent use.
/// </summary>
public sealed class ResourceStore(IEntityStore store, AuditLog audit, OrganizationViews views, TimeProvider time)
{
    /// <summary>Of a transaction's writes, those this class adds: the revision and the audit event.</summary>
    internal const int MaxWrites = EntityLimits.MaxWrites - 2;

    private const int MaxAttempts = 8;

    internal IEntityStore Store => store;

    internal DateTimeOffset Now => time.GetUtcNow();

    internal Task<Stored<T>?> GetAsync<T>(string organizationId, string row, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        store.GetAsync(organizationId, row, type, cancellationToken);

    /// <summary>
    /// Creates or replaces one document: reads what is there, asks <paramref name="decide"/> for the next state, and writes it if nobody was faster;
    /// in the same transaction, what <paramref name="alongside"/> says.
    /// </summary>
    internal async Task<Result<Saved<T>>> PutAsync<T>(
        Caller caller,
        string row,
        JsonTypeInfo<T> type,
        Precondition precondition,
        Change change,
        Func<T?, ValueTask<Result<T>>> decide,
        CancellationToken cancellationToken,
        Func<ValueTask<Result<EntityWrite[]>>>? alongside = null)
        where T : class
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var current = await GetAsync(caller.OrganizationId, row, type, cancellationToken);
            if (!(await decide(current?.Document)).TryGet(out var next, out var failure))
            {
                return failure;
            }

            // Only of a request that would succeed without it (RFC 9110 §13.2.1): where a deleted name is reserved, that is the
            // answer, and no ETag of a row that nobody can read.
            if (precondition.Check(current?.ETag) is { } failed)
            {
                return failed;
            }

            EntityWrite[] others = [];
            if (alongside is not null && !(await alongside()).TryGet(out others!, out failure))
            {
                return failure;
            }

            var data = Documents.Serialize(next, type);
            var write = current is null ? EntityWrite.Insert(row, data) : EntityWrite.Replace(row, data, current.ETag);
            var result = await CommitAsync(caller, [write, .. others], change, cancellationToken);
            if (result.Applied)
            {
                return new Saved<T>(next, result.ETags[0], current is null);
            }

            if (result.Conflict is WriteConflict.TooLarge)
            {
                return new Failure(FailureKind.TooLarge, "resource.too_large", "The resource, with its history, is larger than one entity may be.");
            }

            if (precondition.IsConditional)
            {
                return Precondition.Failed("The resource was changed by somebody else meanwhile. Read it again.");
            }
        }

        return Busy;
    }

    /// <summary>Deletes one document.</summary>
    internal async Task<Failure?> DeleteAsync<T>(
        Caller caller,
        string row,
        JsonTypeInfo<T> type,
        Precondition precondition,
        Change change,
        Failure notFound,
        CancellationToken cancellationToken,
        Func<T, Failure?>? check = null)
        where T : class
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var current = await GetAsync(caller.OrganizationId, row, type, cancellationToken);
            if (current is null)
            {
                return notFound;
            }

            if (check?.Invoke(current.Document) is { } refused)
            {
                return refused;
            }

            if (precondition.Check(current.ETag) is { } failed)
            {
                return failed;
            }

            var result = await CommitAsync(caller, [EntityWrite.Delete(row, current.ETag)], change, cancellationToken);
            if (result.Applied)
            {
                return null;
            }

            if (precondition.IsConditional)
            {
                return Precondition.Failed("The resource was changed by somebody else meanwhile. Read it again.");
            }
        }

        return Busy;
    }

    /// <summary>Applies writes, their audit event and a new revision: all or nothing.</summary>
    internal Task<WriteResult> CommitAsync(Caller caller, IReadOnlyList<EntityWrite> writes, Change change, CancellationToken cancellationToken)
    {
        var auditEvent = new AuditEvent(time.GetUtcNow(), caller, change.Action, AuditEvent.Success) { Target = change.Target };
        return AnnouncingAsync(caller.OrganizationId, () => audit.CommitAsync([.. writes, NewRevision()], auditEvent, cancellationToken));
    }

    /// <summary>Applies writes and a new revision: for what is a step of a change that is recorded already.</summary>
    internal Task<WriteResult> AnnounceAsync(string organizationId, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken) =>
        AnnouncingAsync(organizationId, () => store.WriteAsync(organizationId, [.. writes, NewRevision()], cancellationToken));

    private async Task<WriteResult> AnnouncingAsync(string organizationId, Func<Task<WriteResult>> write)
    {
        try
        {
            return await write();
        }
        finally
        {
            // Also when the store did not answer: it may have been applied.
            views.Invalidate(organizationId);
        }
    }

    /// <summary>Only ever compared, so that two changes at once need not wait for each other: any new ETag will do.</summary>
    private static EntityWrite NewRevision() => EntityWrite.Upsert(Rows.Revision, RandomNumberGenerator.GetBytes(8));

    internal static Failure Busy { get; } =
        Failure.Conflict("resource.busy", "Others keep changing this resource. Try again, or send If-Match with the ETag you read.");
}

/// <summary>What a change is called in the audit log, and what it is done to.</summary>
internal readonly record struct Change(string Action, params KeyValuePair<string, string>[] Target)
{
    public static Change Of(string action, params (string Name, string Value)[] target) =>
        new(action, [.. target.Select(static part => KeyValuePair.Create(part.Name, part.Value))]);
}
