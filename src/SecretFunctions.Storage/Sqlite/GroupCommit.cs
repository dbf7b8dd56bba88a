using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>
/// The one thread that writes. It commits everything that was queued while it was busy at once, so that all waiting
/// callers share a single sync of the disk.
/// </summary>
/// <remarks>
/// A thread of its own, because a commit blocks for as long as the disk takes; and one, because SQLite has one writer.
/// </remarks>
internal sealed partial class GroupCommit : IDisposable
{
    private readonly WriteQueue _queue = new();
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private TransactionWriter? _writer;
    private long _commits;

    public GroupCommit(string path, ILogger logger)
    {
        _path = path;
        _logger = logger;
        _writer = new TransactionWriter(path);
        _thread = new Thread(Run) { IsBackground = true, Name = "SQLite writer" };
        _thread.Start();
    }

    /// <summary>Batches committed so far.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>A seam for tests: runs on the writer thread inside each batch's transaction, before its first write.</summary>
    public Action<SqliteDatabase>? BatchStarted { get; set; }

    public Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken)
    {
        var write = new PendingWrite(partition, writes);

        // Before it is queued, so that the writer never disposes a registration still to be made.
        write.GiveUpOn(cancellationToken);
        _queue.Add(write);
        return write.Task;
    }

    /// <summary>Writes what is queued, then closes the connection.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
        _writer?.Dispose();
    }

    private void Run()
    {
        var batch = new List<PendingWrite>();
        while (_queue.Take(batch))
        {
            if (batch.Count > 0)
            {
                CommitOrFail(batch);
                batch.Clear();
            }
        }
    }

    private void CommitOrFail(List<PendingWrite> batch)
    {
        try
        {
            Commit(batch);
        }
        catch (Exception e)
        {
            // The edge of the thread. A bug ends here as well as a full disk, because callers left waiting for ever
            // would be worse than either.
            Log.BatchFailed(_logger, e, batch.Count);
            Rollback();
            foreach (var write in batch)
            {
                write.Fail(new StoreUnavailableException("The database could not be written.", e));
            }

            return;
        }

        Interlocked.Increment(ref _commits);
        foreach (var write in batch)
        {
            write.Complete();
        }
    }

    private void Commit(List<PendingWrite> batch)
    {
        _writer ??= new TransactionWriter(_path);
        _writer.Begin();
        BatchStarted?.Invoke(_writer.Database);
        foreach (var write in batch)
        {
            write.Decide(_writer.Apply(write.Partition, write.Writes));
        }

        _writer.Commit();
    }

    private void Rollback()
    {
        try
        {
            _writer?.Rollback();
        }
        catch (SqliteException e)
        {
            // Closing the connection rolls back for certain; the next batch opens another.
            Log.RollbackFailed(_logger, e);
            _writer?.Dispose();
            _writer = null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 4101, Level = LogLevel.Error, Message = "A commit of {Count} transactions failed; none was applied.")]
        public static partial void BatchFailed(ILogger logger, Exception exception, int count);

        [LoggerMessage(EventId = 4102, Level = LogLevel.Error, Message = "The failed commit could not be rolled back; the connection is opened anew.")]
        public static partial void RollbackFailed(ILogger logger, Exception exception);
    }
}
