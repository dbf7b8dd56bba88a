using System.Security.Cryptography;

namespace SecretFunctions.Core.Vault;

/// <summary>
/// Whether the root key works, tried at most every ten seconds however many ask: anybody may, and in a cloud each try takes two requests of
/// those that the vault allows. Safe for concurrent use.
/// </summary>
public sealed class RootKeyProbe(IRootKey rootKey, TimeProvider time)
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Try? _last;

    /// <returns>Null where it works; else a sentence that is safe to show to anybody.</returns>
    public Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_last is not { } last || time.GetElapsedTime(last.StartedAt) >= Holds)
            {
                // Shared by all that ask, so not one caller's to cancel; on the pool, so that no lock is held meanwhile.
                _last = last = new Try(time.GetTimestamp(), Task.Run(TryAsync, CancellationToken.None));
            }

            return last.Outcome.WaitAsync(cancellationToken);
        }
    }

    private async Task<string?> TryAsync()
    {
        try
        {
            var probe = await rootKey.WrapAsync("ready?"u8.ToArray(), CancellationToken.None);
            var opened = await rootKey.UnwrapAsync(probe, CancellationToken.None);
            return CryptographicOperations.FixedTimeEquals(opened, "ready?"u8) ? null : "The root key does not open what it wrapped.";
        }
        catch (RootKeyException exception)
        {
            return exception.Message;
        }
    }

    private sealed record Try(long StartedAt, Task<string?> Outcome);
}
