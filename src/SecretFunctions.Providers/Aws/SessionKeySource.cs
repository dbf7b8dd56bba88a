using SecretFunctions.Core;

namespace SecretFunctions.Providers.Aws;

/// <summary>
/// A session, begun when first needed, shared by everyone who asks meanwhile, and kept until shortly before it expires.
/// How it begins (AssumeRole, later AssumeRoleWithWebIdentity) is the caller's to say.
/// </summary>
internal sealed class SessionKeySource(Func<CancellationToken, Task<Result<AwsKeys>>> begin, TimeProvider time) : IAwsKeySource, IDisposable
{
    /// <summary>Left on a session that is handed out: longer than any request takes, with minutes to spare for skewed clocks.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private AwsKeys? _current;
    private Task<Result<AwsKeys>>? _beginning;

    public async Task<Result<AwsKeys>> GetAsync(CancellationToken cancellationToken)
    {
        Task<Result<AwsKeys>> beginning;
        lock (_gate)
        {
            if (_current is not null && _current.ExpiresAt - Margin > time.GetUtcNow())
            {
                return _current;
            }

            // It runs on the store's token, not on the first caller's: who gives up must not fail the others.
            beginning = _beginning ??= BeginAsync();
        }

        return await beginning.WaitAsync(cancellationToken);
    }

    public bool Forget(AwsKeys rejected)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_current, rejected))
            {
                _current = null;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _closed.Cancel();
        _closed.Dispose();
    }

    private async Task<Result<AwsKeys>> BeginAsync()
    {
        // Leaves the lock before anything can complete.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var begun = await begin(_closed.Token);
            if (begun.TryGet(out var keys, out _))
            {
                lock (_gate)
                {
                    _current = keys;
                }
            }

            return begun;
        }
        finally
        {
            lock (_gate)
            {
                _beginning = null;
            }
        }
    }
}
