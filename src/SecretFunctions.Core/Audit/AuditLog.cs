using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// The append-only log of an organization: rows of newline-delimited JSON, each written once. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Group commit: while one row is being written, the events that arrive gather in the next. Under load one durable
/// write serves all that wait, and alone an event waits for nobody.
/// </remarks>
public sealed class AuditLog(IEntityStore store, TimeProvider time)
{
    /// <summary>A row takes no more events beyond this; the last one may still exceed it by <see cref="MaxEventBytes"/>.</summary>
    private const int RowBytes = 256 * 1024;

    /// <summary>How long a row waits for events that do not come after all: this long at least, and twice as long at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    /// <summary>The largest event a caller may append; with <see cref="RowBytes"/> it stays within what a row holds.</summary>
    public const int MaxEventBytes = 640 * 1024;

    /// <summary>The largest list of variables in an event, which leaves room for all the rest of it.</summary>
    public const int MaxVariablesBytes = 600 * 1024;

    private readonly ConcurrentDictionary<string, Channel> _channels = new(StringComparer.Ordinal);

    /// <summary>This process: no two writers ever share a row.</summary>
    private readonly string _writer = RandomNumberGenerator.GetHexString(12, lowercase: true);

    private long _number;

    /// <summary>When the last row failed that no success came after; 0 where none did.</summary>
    private long _failedAt;

    private IEntityStore Store => store;

    /// <summary>
    /// Whether a row could not be written in so long a time, and none was since. Who is kept from writing for it must not wait for a success.
    /// </summary>
    public bool HasFailedWithin(TimeSpan period) => Volatile.Read(ref _failedAt) is not 0 and var failedAt && time.GetElapsedTime(failedAt) < period;

    /// <summary>Completes when the event is durable: nothing it speaks of may be handed out before.</summary>
    /// <exception cref="StoreUnavailableException">It could not be written.</exception>
    /// <exception cref="ArgumentException">It is larger than <see cref="MaxEventBytes"/>: a bug in the caller.</exception>
    public Task AppendAsync(AuditEvent auditEvent)
    {
        // Before any lock, and apart from the events of others: one that cannot be written down harms nobody else's.
        var line = EventLine.Of(auditEvent);
        return line.Length <= MaxEventBytes
            ? _channels.GetOrAdd(auditEvent.Caller.OrganizationId, static (id, log) => new Channel(log, id), this).AppendAsync(line)
            : throw new ArgumentException($"An audit event has at most {MaxEventBytes} bytes; this one has {line.Length}.", nameof(auditEvent));
    }

    /// <summary>The event as a write of its own, for the transaction that does what it speaks of.</summary>
    public EntityWrite ToWrite(AuditEvent auditEvent)
    {
        var row = new AuditRow();
        row.Add(EventLine.Of(auditEvent));
        return EntityWrite.Insert(NextRow(), row.Data);
    }

    /// <summary>Events as stored, newest first, from <paramref name="from"/> on: a row and the events of it to pass over.</summary>
    public async IAsyncEnumerable<(AuditPosition Position, ReadOnlyMemory<byte> Json)> ReadAsync(
        string organizationId, AuditPosition? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(organizationId, Rows.AuditPrefix);
        if (from is { } start)
        {
            range = range with { From = start.Row };
        }

        await foreach (var entity in store.ReadAllAsync(range, pageSize: 50, cancellationToken))
        {
            var events = AuditRow.Read(entity.Data);
            var index = from is { } position && position.Row == entity.Key.Row ? position.Index : 0;
            for (; index < events.Count; index++)
            {
                yield return (new AuditPosition(entity.Key.Row, index), events[events.Count - 1 - index]);
            }
        }
    }

    private void Note(long startedAt, string outcome)
    {
        Volatile.Write(ref _failedAt, outcome == SignalNames.Outcomes.Success ? 0 : time.GetTimestamp());
        Signals.MeasureAuditWrite(startedAt, outcome);
    }

    private string NextRow() => Rows.Audit(time.GetUtcNow(), _writer, Interlocked.Increment(ref _number));

    /// <summary>The events of one organization that wait to be written.</summary>
    private sealed class Channel : IThreadPoolWorkItem
    {
        private readonly AuditLog _log;
        private readonly string _organizationId;
        private readonly Lock _gate = new();
        private readonly Queue<AuditBatch> _full = [];
        private AuditBatch _open = new();
        private AuditBatch? _spare;
        private bool _writing;

        /// <summary>Events the next row waits for: most of those whose callers were just let go, and are likely to come again.</summary>
        private int _expected;

        /// <summary>Set while a row waits for more events.</summary>
        private TaskCompletionSource? _enough;
        private long _waitingSince;

        // One for all waits, and left to run out: setting a timer wakes a thread, which under load every row would do.
        private readonly ITimer _patience;
        private bool _isTimed;

        public Channel(AuditLog log, string organizationId)
        {
            _log = log;
            _organizationId = organizationId;

            // Real time, whatever the clock says: this paces a disk.
            _patience = TimeProvider.System.CreateTimer(static channel => ((Channel)channel!).LookAtWait(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public Task AppendAsync(EventLine line)
        {
            Task written;
            lock (_gate)
            {
                _open.Add(line);
                written = _open.Written;
                if (_open.Length >= RowBytes)
                {
                    _full.Enqueue(_open);
                    _open = new AuditBatch();
                }

                if (_open.Count >= _expected || _full.Count > 0)
                {
                    _enough?.TrySetResult();
                }

                if (_writing)
                {
                    return written;
                }

                _writing = true;
            }

            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return written;
        }

        public void Execute() => _ = WriteAllAsync();

        private async Task WriteAllAsync()
        {
            while (true)
            {
                if (Gather() is { } enough)
                {
                    await enough;
                }

                if (Take() is not { } batch)
                {
                    return;
                }

                var startedAt = Stopwatch.GetTimestamp();
                try
                {
                    // Not the callers' to cancel: others wait for the same row.
                    var result = await _log.Store.WriteAsync(_organizationId, [EntityWrite.Insert(_log.NextRow(), batch.Data)], CancellationToken.None);
                    _log.Note(startedAt, result.Applied ? SignalNames.Outcomes.Success : SignalNames.Outcomes.StoreUnavailable);
                    batch.Complete(result.Applied ? null : new StoreUnavailableException($"The audit log could not be written: {result.Conflict}."));
                    Recycle(batch);
                }
                catch (Exception exception)
                {
                    // The edge of this loop: whatever it was, everyone who waits must hear of it, and none may go on. The batch is not used
                    // again: a store that gave up waiting may still be reading it.
                    _log.Note(startedAt, exception is StoreUnavailableException ? SignalNames.Outcomes.StoreUnavailable : SignalNames.Outcomes.Internal);
                    batch.Complete(exception);
                }
            }
        }

        /// <summary>
        /// Under load a row written at once would hold the few events of callers who were quickest: what is completed when enough are there
        /// to share it. Null where there is nothing to wait for, as for a caller who is alone.
        /// </summary>
        private Task? Gather()
        {
            lock (_gate)
            {
                if (_full.Count > 0 || _open.Count >= _expected)
                {
                    return null;
                }

                _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waitingSince = Stopwatch.GetTimestamp();
                if (!_isTimed)
                {
                    _isTimed = _patience.Change(Patience, Timeout.InfiniteTimeSpan);
                }

                return _enough.Task;
            }
        }

        private void LookAtWait()
        {
            lock (_gate)
            {
                // The wait it was set for may be over long since, and another have begun just now.
                _isTimed = _enough is not null && Stopwatch.GetElapsedTime(_waitingSince) < Patience && _patience.Change(Patience, Timeout.InfiniteTimeSpan);
                if (!_isTimed)
                {
                    _enough?.TrySetResult();
                }
            }
        }

        private AuditBatch? Take()
        {
            lock (_gate)
            {
                _enough = null;
                _expected = 0;
                if (_full.TryDequeue(out var batch))
                {
                    return batch;
                }

                if (_open.Length == 0)
                {
                    _writing = false;
                    return null;
                }

                batch = _open;
                _open = _spare ?? new AuditBatch();
                _spare = null;
                return batch;
            }
        }

        private void Recycle(AuditBatch batch)
        {
            var released = batch.Count;
            batch.Reset();
            lock (_gate)
            {
                _expected = (released + _open.Count) * 3 / 4;
                _spare ??= batch;
            }
        }
    }
}

/// <summary>A place in the log: a row, and how many of its newest events come before.</summary>
public readonly record struct AuditPosition(string Row, int Index);
