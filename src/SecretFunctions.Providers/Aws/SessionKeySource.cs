using SecretFunctions.Core;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>
/// A session, begun when first needed and kept until shortly before it expires (<see cref="AccessCache{T}"/>). How it begins (AssumeRole,
/// AssumeRoleWithWebIdentity) is the caller's to say.
/// </summary>
internal sealed class SessionKeySource(Func<CancellationToken, Task<Result<AwsKeys>>> begin, TimeProvider time, bool renewsEarly = false) : IAwsKeySource
{
    /// <summary>Left on a session that is handed out: longer than any request takes, with minutes to spare for skewed clocks.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly AccessCache<AwsKeys> _sessions = new(time, static keys => keys.ExpiresAt!.Value - Margin, begin) { RenewsEarly = renewsEarly };

    public Task<Result<AwsKeys>> GetAsync(CancellationToken cancellationToken) => _sessions.GetAsync(cancellationToken);

    public bool Forget(AwsKeys rejected)
    {
        _sessions.Forget(rejected);
        return true;
    }
}
