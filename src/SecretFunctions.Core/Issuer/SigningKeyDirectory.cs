using System.Globalization;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Issuer;

/// <summary>
/// Changes the deployment's signing keys. Every change is one conditional write of one row, with its audit event: several instances may try at
/// once, and one that is killed has changed all or nothing. Safe for concurrent use.
/// </summary>
public sealed partial class SigningKeyDirectory(
    IEntityStore store, SigningKeyMaker maker, AuditLog audit, IssuerOptions options, TimeProvider time, ILogger<SigningKeyDirectory> logger)
{
    private const int MaxAttempts = 8;

    /// <summary>Its organization is where the audit event goes: the deployment's own partition.</summary>
    private static readonly Caller Timer = new(Rows.Deployment, Rows.Deployment, Principal.Maintenance, Permissions.None);

    private int _generation;

    /// <summary>Another number after every change of this instance's.</summary>
    internal int Generation => Volatile.Read(ref _generation);

    /// <summary>Every key that this instance can use, and when another takes over.</summary>
    public async Task<SigningKeyReport> ReportAsync(CancellationToken cancellationToken)
    {
        var (usable, now) = (Usable((await ReadAsync(cancellationToken)).Ring), time.GetUtcNow());

        // In a vault its owner decides when there is a new one.
        return new SigningKeyReport(usable.At(now), usable.NextAt(now)?.ActivatesAt ?? (maker.IsRemote ? null : usable.NextRotationAt(now, options)));
    }

    /// <summary>Since when the active key signs, and when another should take over, past times included; null where there is none.</summary>
    internal async Task<(DateTimeOffset ActiveSince, DateTimeOffset RotationDueAt)?> ReadAgeAsync(CancellationToken cancellationToken)
    {
        var (usable, now) = (Usable((await ReadAsync(cancellationToken)).Ring), time.GetUtcNow());
        return usable.ActiveAt(now) is { } active
            ? (active.ActivatesAt, usable.NextAt(now)?.ActivatesAt ?? active.ActivatesAt + options.RotationInterval)
            : null;
    }

    /// <summary>Publishes the next key, to sign once everybody can know it; at once where nothing was ever signed.</summary>
    public async Task<Failure?> RotateAsync(Caller caller, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (ring, etag) = await ReadAsync(cancellationToken);
            var (usable, now) = (Usable(ring), time.GetUtcNow());
            if (usable.NextAt(now) is { } next)
            {
                return Failure.Conflict("signing_key.rotation_pending", $"Key '{next.KeyId}' is published already and signs from {Text(next.ActivatesAt)} on.") with
                {
                    Hint = "To change keys at once, because the active one is compromised, revoke it: DELETE /v1/keys/signing/KEY_ID.",
                };
            }

            if (!(await PublishAsync(ring, usable, now, cancellationToken)).TryGet(out var step, out var failure))
            {
                return failure;
            }

            if (await WriteAsync(caller, step, etag, now, cancellationToken))
            {
                return null;
            }
        }

        return ResourceStore.Busy;
    }

    /// <summary>
    /// Removes a key at once: tokens that it signed are worth nothing where the published keys are read again. If it was the active one, the
    /// next takes over in the same write, or a new one.
    /// </summary>
    public async Task<Failure?> RevokeAsync(Caller caller, string keyId, Precondition precondition, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (ring, etag) = await ReadAsync(cancellationToken);
            if (!ring.Keys.Any(key => key.KeyId == keyId))
            {
                return Failure.NotFound("signing_key.not_found", "There is no signing key with this id. GET /v1/keys lists them.");
            }

            // A key never changes, so its id is its tag.
            if (precondition.Check(keyId) is { } failed)
            {
                return failed;
            }

            var now = time.GetUtcNow();
            var revoked = await ReplaceAsync(ring, ring.Revoke(keyId), keyId, now, cancellationToken);
            if (await WriteAsync(caller, new Step(revoked, Change.Of("signing-key.revoke", ("signingKey", keyId))), etag, now, cancellationToken))
            {
                Log.Revoked(logger, keyId);
                return null;
            }
        }

        return ResourceStore.Busy;
    }

    /// <summary>
    /// Whatever is due, a write for each: the first key, the next one, one with impossible times, those that are gone. Needs no memory of an
    /// earlier call.
    /// </summary>
    /// <returns>Null where nothing is left to do; else why there is no key, or no new one though one is due.</returns>
    internal async Task<Failure?> AdvanceAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (ring, etag) = await ReadAsync(cancellationToken);
            var now = time.GetUtcNow();
            if (!(await DecideAsync(ring, now, cancellationToken)).TryGet(out var step, out var failure))
            {
                return failure;
            }

            if (step == Step.None)
            {
                return null;
            }

            await WriteAsync(Timer, step, etag, now, cancellationToken);
        }

        return null;
    }

    /// <summary>The row, or what there is before it.</summary>
    internal async Task<(StoredKeyRing Ring, string? ETag)> ReadAsync(CancellationToken cancellationToken) =>
        await store.GetAsync(Rows.Deployment, Rows.SigningKeys, StoredJson.Default.StoredKeyRing, cancellationToken) is { } stored
            ? (stored.Document, stored.ETag)
            : (StoredKeyRing.Empty, null);

    internal KeyRing Usable(StoredKeyRing ring) => new(ring.Keys.Where(maker.CanUse));

    private async Task<Result<Step>> DecideAsync(StoredKeyRing ring, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var usable = Usable(ring);
        if (usable.Redated(now, options) is { } redated)
        {
            return new Step(ring.With(redated), Change.Of("signing-key.redate", ("signingKey", redated.KeyId), ("activatesAt", Text(redated.ActivatesAt))));
        }

        var due = usable.Keys.Count == 0 || usable.IsRotationDue(now, options);
        if (due || (maker.IsRemote && usable.NextAt(now) is null))
        {
            // In a vault its owner decides when there is a new version; that there is none is news only where one is due.
            var published = await PublishAsync(ring, usable, now, cancellationToken);
            if (published.Failure is null || due || published.Failure != SigningKeyMaker.NoNewVersion)
            {
                return published;
            }
        }

        string[] gone = [.. usable.At(now).Where(static key => key.State == SigningKeyState.Removed).Select(static key => key.KeyId)];
        return gone.Length == 0
            ? Step.None
            : new Step(ring.Without(gone), Change.Of("signing-key.remove", ("signingKeys", string.Join(' ', gone))));
    }

    private async Task<Result<Step>> PublishAsync(StoredKeyRing ring, KeyRing usable, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var activatesAt = usable.Keys.Count == 0 ? now : now + options.PublishAhead;
        return (await maker.MakeAsync(ring, now, activatesAt, cancellationToken)).TryGet(out var key, out var failure)
            ? new Step(ring.With(key), Change.Of("signing-key.publish", ("signingKey", key.KeyId), ("activatesAt", Text(activatesAt))))
            : failure;
    }

    /// <summary>With a key that signs from now on, where the revoked one did.</summary>
    private async Task<StoredKeyRing> ReplaceAsync(
        StoredKeyRing ring, StoredKeyRing revoked, string keyId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var usable = Usable(ring);
        if (usable.ActiveAt(now)?.KeyId != keyId)
        {
            return revoked;
        }

        if (usable.NextAt(now) is { } next)
        {
            return revoked.With(next with { ActivatesAt = now });
        }

        if ((await maker.MakeAsync(revoked, now, now, cancellationToken)).TryGet(out var made, out var failure))
        {
            return revoked.With(made);
        }

        // The revocation does not wait for a vault: an earlier version signs again, or none until there is a new one.
        Log.NotReplaced(logger, keyId, failure.Code);
        return revoked;
    }

    /// <summary>False where another instance was faster.</summary>
    private async Task<bool> WriteAsync(Caller caller, Step step, string? etag, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var data = Documents.Serialize(step.Ring, StoredJson.Default.StoredKeyRing);
        var record = new AuditEvent(now, caller with { OrganizationId = Rows.Deployment }, step.Change.Action, AuditEvent.Success) { Target = step.Change.Target };
        var write = etag is null ? EntityWrite.Insert(Rows.SigningKeys, data) : EntityWrite.Replace(Rows.SigningKeys, data, etag);
        try
        {
            var applied = (await audit.CommitAsync([write], record, cancellationToken)).Applied;
            if (applied)
            {
                Log.Changed(logger, step.Change.Action, step.Change.Target[0].Value);
            }

            return applied;
        }
        finally
        {
            // Also when the store did not answer: it may have been applied.
            Interlocked.Increment(ref _generation);
        }
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The ring after a change, and what the change is called.</summary>
    private sealed record Step(StoredKeyRing Ring, Change Change)
    {
        public static readonly Step None = new(StoredKeyRing.Empty, default);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1601, Level = LogLevel.Information, Message = "Signing keys: {Action} {Target}")]
        public static partial void Changed(ILogger logger, string action, string target);

        [LoggerMessage(EventId = 1602, Level = LogLevel.Warning, Message = "Signing key {KeyId} was revoked: tokens that it signed are refused where the published keys are read again")]
        public static partial void Revoked(ILogger logger, string keyId);

        [LoggerMessage(EventId = 1603, Level = LogLevel.Error, Message = "Revoked signing key {KeyId} has no replacement yet ({Code}): make a new version in the vault")]
        public static partial void NotReplaced(ILogger logger, string keyId, string code);
    }
}
