using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Maintenance;

/// <summary>Makes the next signing key when it is due, and removes those that no token can carry any more. Safe for concurrent use.</summary>
public sealed partial class SigningKeyMaintenance(SigningKeyDirectory keys, IssuerAddress address, TimeProvider time, ILogger<SigningKeyMaintenance> logger)
{
    /// <summary>An instance does not say the same in every round.</summary>
    private static readonly TimeSpan WarnEvery = TimeSpan.FromHours(6);

    private long? _warnedAt;

    /// <summary>Nothing happens where nothing is due. A key that cannot be made is said in the log, and tried again by the next call.</summary>
    /// <exception cref="StoreUnavailableException">There is no telling what is due.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Without an issuer there are no tokens, and a key that nobody publishes is none that could take over.
        if (address.Value is not null
            && await keys.AdvanceAsync(cancellationToken) is { } failure
            && (_warnedAt is not { } last || time.GetElapsedTime(last) >= WarnEvery))
        {
            _warnedAt = time.GetTimestamp();
            Log.NotRotated(logger, failure.Code, failure.Detail);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1541, Level = LogLevel.Warning, Message = "A new signing key is due and there is none ({Code}): {Detail}")]
        public static partial void NotRotated(ILogger logger, string code, string detail);
    }
}
