using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>A transaction on its way to the writer thread, and the task its caller waits on.</summary>
/// <remarks>
/// Continuations run elsewhere: on the writer thread, a caller's next step would hold up every other caller.
/// </remarks>
internal sealed class PendingWrite(string partition, IReadOnlyList<EntityWrite> writes)
    : TaskCompletionSource<WriteResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int GivenUp = 2;

    private int _state;
    private CancellationTokenRegistration _cancellation;
    private WriteResult _result;

    public string Partition => partition;

    public IReadOnlyList<EntityWrite> Writes => writes;

    /// <summary>Lets the caller give up while the write is still queued.</summary>
    public void GiveUpOn(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var write = (PendingWrite)state!;
                    if (Interlocked.CompareExchange(ref write._state, GivenUp, Queued) == Queued)
                    {
                        write.TrySetCanceled(token);
                    }
                },
                this);
        }
    }

    /// <summary>Claims the write for the writer thread; from here on it completes whatever its caller wishes.</summary>
    /// <returns>False where the caller gave up before.</returns>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;

    /// <summary>Keeps the answer until the commit has made it true.</summary>
    public void Decide(WriteResult result) => _result = result;

    /// <summary>Gives the caller the answer.</summary>
    public void Complete()
    {
        _cancellation.Dispose();
        SetResult(_result);
    }

    /// <summary>Tells the caller that nothing is known to have been written.</summary>
    public void Fail(Exception exception)
    {
        _cancellation.Dispose();
        SetException(exception);
    }
}
