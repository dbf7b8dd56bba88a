using SecretFunctions.Core;

namespace SecretFunctions.Providers.Aws;

/// <summary>One way into AWS. Safe for concurrent use. A new way in (a web identity, say) is one more of these.</summary>
internal interface IAwsKeySource
{
    Task<Result<AwsKeys>> GetAsync(CancellationToken cancellationToken);

    /// <summary>AWS takes <paramref name="rejected"/> for expired. True where <see cref="GetAsync"/> will now return others.</summary>
    bool Forget(AwsKeys rejected);
}

/// <summary>A key an admin typed in.</summary>
internal sealed class StaticKeySource(AwsKeys keys) : IAwsKeySource
{
    public Task<Result<AwsKeys>> GetAsync(CancellationToken cancellationToken) => Task.FromResult<Result<AwsKeys>>(keys);

    public bool Forget(AwsKeys rejected) => false;
}
