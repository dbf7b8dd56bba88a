namespace SecretFunctions.Providers.Http;

/// <summary>Bounds on one request.</summary>
internal sealed record ProviderHttpLimits
{
    /// <summary>A reachable host answers a SYN in well under a second anywhere on earth; three leave room for one lost packet.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// From sending until the last byte of the answer, connecting included. Below the 10 s a whole resolve has, so that
    /// one silent store leaves time to say so.
    /// </summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// The largest honest answer is a batch of 20 AWS secrets of 64 KiB with every character escaped to six (7.5 MiB) and
    /// its envelope.
    /// </summary>
    public int ResponseBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Connections are renewed this often, so that a store that moved is found again: the pool does not watch DNS.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Kickoffs come in bursts; a minute keeps a connection warm between them and below what load balancers cut.</summary>
    public TimeSpan IdleConnection { get; init; } = TimeSpan.FromMinutes(1);
}
