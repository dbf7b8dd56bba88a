using System.Diagnostics;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// The events of one organization that wait to be written. Group commit: while one row is being written, the events that arrive gather in the next.
/// Safe for concurrent use.
/// </summary>
internal sealed class AuditChannel : IThreadPoolWorkItem
{
    /// <summary>A row takes no more events beyond this; the last one may still exceed it by <see cref="AuditLog.MaxEventBytes"/>.</summary>
    private const int RowBytes = 256 * 1024;

    /// <summary>How long a row waits for events that do not come after all: this long at least, and twice as long at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    private readonly AuditLog _log;
    private readonly string _organizationId;
    private readonly AuditChains _chains;
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

    public AuditChannel(AuditLog log, string organizationId, AuditChains chains)
    {
        _log = log;
        _organizationId = organizationId;
        _chains = chains;

        // Real time, whatever the clock says: this paces a disk.
        _patience = TimeProvider.System.CreateTimer(static channel => ((AuditChannel)channel!).LookAtWait(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
            Exception? failed;
            var isOurs = false;
            try
            {
                // Not the callers' to cancel: others wait for the same row.
                var result = await _log.WriteAsync(_organizationId, _chains, batch.Row, [], CancellationToken.None);
                failed = result.Applied ? null : new StoreUnavailableException($"The audit log could not be written: {result.Conflict}.");
                isOurs = true;
            }
            catch (Exception exception)
            {
                // The edge of this loop: whatever it was, everyone who waits must hear of it, and none may go on. The batch is not used
                // again: a store that gave up waiting may still be reading it.
                failed = exception;
            }

            _log.Note(succeeded: failed is null);
            batch.Complete(failed);
            if (isOurs)
            {
                Recycle(batch);
            }

            Measure(startedAt, failed);
        }
    }

    /// <summary>After all who waited were let go, and without an end to the loop: whoever listens to the metric runs here, and may throw.</summary>
    private static void Measure(long startedAt, Exception? failed)
    {
        try
        {
            Signals.MeasureAuditWrite(startedAt, failed switch
            {
                null => SignalNames.Outcomes.Success,
                StoreUnavailableException => SignalNames.Outcomes.StoreUnavailable,
                _ => SignalNames.Outcomes.Internal,
            });
        }
        catch (Exception)
        {
            // Theirs: a listener's failure is no reason to stop writing the log.
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
