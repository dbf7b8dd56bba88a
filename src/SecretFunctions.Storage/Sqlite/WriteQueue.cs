using System.Diagnostics;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>Hands transactions from any thread to the writer thread, many at a time.</summary>
/// <remarks>
/// When transactions come from many callers, the queue paces the writer to one batch a millisecond: a commit costs the
/// same for one row as for fifty, so on a fast disk a little patience saves most of the CPU. A lone caller never waits,
/// because a batch of one is followed by the next at once.
/// </remarks>
internal sealed class WriteQueue
{
    /// <summary>Bounds the memory and the time of one batch, and so the wait of a caller behind it.</summary>
    private const int MaxBatch = 1000;

    /// <summary>Likewise, for large data.</summary>
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    private readonly object _gate = new();
    private readonly Queue<PendingWrite> _queue = new();

    // Only the writer thread uses these two.
    private long _lastTaken;
    private int _lastCount;

    private bool _writerSleeps;
    private bool _closed;

    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public void Add(PendingWrite write)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqliteEntityStore));
            _queue.Enqueue(write);
            if (_writerSleeps)
            {
                _writerSleeps = false;
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Moves what is queued into <paramref name="batch"/>, waiting for something to be.</summary>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take(List<PendingWrite> batch)
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_closed)
            {
                _writerSleeps = true;
                Monitor.Wait(_gate);
            }

            if (_lastCount > 1 && _queue.Count < MaxBatch && !_closed && Stopwatch.GetElapsedTime(_lastTaken) < Pace / 2)
            {
                // Not announced as sleep, so nobody but Close wakes us early.
                Monitor.Wait(_gate, Pace);
            }

            var bytes = 0;
            while (batch.Count < MaxBatch && bytes < MaxBatchBytes && _queue.TryDequeue(out var write))
            {
                if (write.TryTake())
                {
                    batch.Add(write);
                    foreach (var entity in write.Writes)
                    {
                        bytes += entity.Data.Length;
                    }
                }
            }

            _lastTaken = Stopwatch.GetTimestamp();
            _lastCount = batch.Count;
            return batch.Count > 0 || _queue.Count > 0 || !_closed;
        }
    }

    /// <summary>Refuses new writes; what is queued is still written.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }
}
