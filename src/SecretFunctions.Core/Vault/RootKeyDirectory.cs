using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Vault;

/// <param name="Kind">See <see cref="IRootKey.Kind"/>; null where the key is not at hand.</param>
/// <param name="Since">Since when it wraps; null where it does not, or nobody noted it.</param>
/// <param name="InUse">Rows that lie under it.</param>
public sealed record RootKeyStatus(RootKeyName Name, string? Kind, KeyState State, DateTimeOffset? Since, int InUse);

/// <param name="Keys">Oldest first.</param>
public sealed record RootKeyReport(IReadOnlyList<RootKeyStatus> Keys, RotationReport? Rotation);

/// <summary>
/// Rotates the root key. In this order, so that at any moment everything opens: the new key is kept where keys are kept; then the store says that it
/// wraps, and from which keys the data is being moved; then row by row is wrapped under it; then the store says that the earlier ones are needed no
/// more. They are not deleted: backups may need them. Safe for concurrent use.
/// </summary>
public sealed partial class RootKeyDirectory(
    RootKeys roots, RootWraps wraps, AuditLog audit, KeyRotationOptions options, TimeProvider time, ILogger<RootKeyDirectory> logger)
{
    private const int MaxAttempts = 8;

    private static readonly Caller Timer = new(Rows.Deployment, Rows.Deployment, Principal.Maintenance, Permissions.None);

    /// <summary>Looks through all that is wrapped: for an operator's eyes, not for every request.</summary>
    public async Task<Result<RootKeyReport>> ReportAsync(CancellationToken cancellationToken)
    {
        if (await roots.ReadAsync(cancellationToken) is not { Document: var record })
        {
            return NotSetUp;
        }

        var used = await wraps.CountAsync(cancellationToken);
        var newer = roots.Ids.TakeWhile(id => id != record.Id).ToHashSet();

        // Of a key that has versions, those that are needed. And what is needed and not at hand.
        var names = roots.Ids.Reverse().SelectMany(id => used.Keys.Where(name => name.Id == id).OrderBy(IsActive).DefaultIfEmpty(new RootKeyName(id, null)));
        return new RootKeyReport(
            [.. names.Union(used.Keys).Select(name => new RootKeyStatus(name, roots.Find(name.Id)?.Kind, StateOf(name), IsActive(name) ? record.Since : null, used.GetValueOrDefault(name)))],
            ReportOf(record.Rotation));

        bool IsActive(RootKeyName name) => name.Id == record.Id && (name.Version == record.Version || record.Version is null);

        KeyState StateOf(RootKeyName name) => IsActive(name) ? KeyState.Active : newer.Contains(name.Id) ? KeyState.Next : KeyState.Retired;
    }

    /// <summary>Begins to move everything to the newest key, or to one made now. May be repeated before that is over.</summary>
    public async Task<Failure?> RotateAsync(Caller caller, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await roots.ReadAsync(cancellationToken) is not { } stored)
            {
                return NotSetUp;
            }

            RootKeyRecord next;
            try
            {
                next = await NextAsync(stored.Document, cancellationToken);
            }
            catch (RootKeyException exception)
            {
                return new Failure(FailureKind.Unavailable, "root_key.not_rotated", $"The root key was not rotated, and everything is as it was. {exception.Message}");
            }

            if (await WriteAsync(caller, stored, next, "root-key.rotate", cancellationToken))
            {
                return null;
            }

            // Where another was faster, and moved to the same key, there is nothing left to begin.
            if ((await roots.ReadAsync(cancellationToken))?.Document is { Rotation: not null } other && other.Id == next.Id && other.Version == next.Version)
            {
                return null;
            }
        }

        return ResourceStore.Busy;
    }

    /// <summary>Of a rotation that is under way: moves what is left, and ends it when nothing was found that late. Does nothing where there is none.</summary>
    /// <exception cref="RootKeyException">The new key cannot be used now; the next call tries again.</exception>
    internal async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        if (await roots.ReadAsync(cancellationToken) is not { Document.Rotation: { } rotation } stored)
        {
            return;
        }

        // Whoever had read before the rotation which key wraps, and writes what it wrapped only now, is gone after the time of grace.
        var isLate = time.GetUtcNow() >= rotation.StartedAt + options.Kept;
        var root = roots.Get(stored.Document.Id);
        var version = await NewestVersionAsync(root, cancellationToken);
        var move = await wraps.MoveAsync(root, version, cancellationToken);
        if (isLate && move.Found == 0)
        {
            await WriteAsync(Timer, stored, stored.Document with { Version = version, Rotation = null }, "root-key.retire", cancellationToken);
            return;
        }

        var progressed = rotation with { Left = move.Found - move.Moved, Unreadable = move.Unreadable };
        if (progressed != rotation || version != stored.Document.Version)
        {
            var data = Documents.Serialize(stored.Document with { Version = version, Rotation = progressed }, StoredJson.Default.RootKeyRecord);
            await roots.Store.WriteAsync(Rows.Deployment, [EntityWrite.Replace(Rows.RootKey, data, stored.ETag)], cancellationToken);
        }
    }

    private async Task<RootKeyRecord> NextAsync(RootKeyRecord record, CancellationToken cancellationToken)
    {
        var (root, now) = (roots.Next(record.Id), time.GetUtcNow());
        var version = await NewestVersionAsync(root, cancellationToken);
        var isAnother = root.Id != record.Id;
        return record with
        {
            Id = root.Id,
            Version = version,
            Since = isAnother || version != record.Version ? now : record.Since,
            Rotation = new RootKeyRotation(now, [.. (record.Rotation?.From ?? []).Append(record.Id).Where(id => id != root.Id).Distinct()]),
        };
    }

    /// <summary>What wraps now says which version it is. So nothing is asked of a vault that it does not allow already.</summary>
    private static async Task<string?> NewestVersionAsync(IRootKey root, CancellationToken cancellationToken) =>
        root.VersionOf(await root.WrapAsync("which?"u8.ToArray(), cancellationToken));

    /// <summary>False where another instance was faster.</summary>
    private async Task<bool> WriteAsync(Caller caller, Stored<RootKeyRecord> stored, RootKeyRecord next, string action, CancellationToken cancellationToken)
    {
        var name = new RootKeyName(next.Id, next.Version).ToString();
        var record = new AuditEvent(time.GetUtcNow(), caller with { OrganizationId = Rows.Deployment }, action, AuditEvent.Success) { Target = [KeyValuePair.Create("rootKey", name)] };
        var write = EntityWrite.Replace(Rows.RootKey, Documents.Serialize(next, StoredJson.Default.RootKeyRecord), stored.ETag);
        var applied = (await audit.CommitAsync([write], record, cancellationToken)).Applied;
        if (applied)
        {
            Log.Changed(logger, action, name);
        }

        return applied;
    }

    private static RotationReport? ReportOf(RootKeyRotation? rotation) => rotation is null
        ? null
        : new RotationReport(rotation.StartedAt, rotation.Left == 0 ? RotationStep.Confirming : RotationStep.Rewrapping, rotation.Left, rotation.Unreadable);

    private static Failure NotSetUp { get; } = new(FailureKind.Unavailable, "root_key.unavailable", "The store has not been set up.");

    private static partial class Log
    {
        [LoggerMessage(EventId = 1721, Level = LogLevel.Information, Message = "Root key: {Action} {Key}")]
        public static partial void Changed(ILogger logger, string action, string key);
    }
}
