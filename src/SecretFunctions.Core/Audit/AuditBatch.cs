namespace SecretFunctions.Core.Audit;

/// <summary>Events of one organization that become durable together. Guarded by its channel until taken.</summary>
internal sealed class AuditBatch
{
    private readonly AuditRow _row = new();
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count => _row.Events;

    public int Length => _row.Data.Length;

    public AuditRow Row => _row;

    public Task Written => _written.Task;

    public void Add(EventLine line) => _row.Add(line);

    public void Complete(Exception? exception)
    {
        if (exception is null)
        {
            _written.SetResult();
        }
        else
        {
            _written.SetException(exception);
        }
    }

    public void Reset()
    {
        _row.Clear();
        _written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
