namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <summary>Whence an address can be reached, as far as names and addresses tell.</summary>
public enum IssuerReach
{
    Public,

    /// <summary>Only out of the same network.</summary>
    Private,

    /// <summary>Only out of the same machine.</summary>
    Loopback,

    /// <summary>The name is nobody's.</summary>
    Nowhere,
}

/// <param name="Status">Of HTTP. Redirects are not followed.</param>
/// <param name="Date">By the clock of whoever answered, when it answered; null where it does not say.</param>
/// <param name="Took">From asking until all of it was there.</param>
public sealed record PublishedDocument(int Status, ReadOnlyMemory<byte> Body, DateTimeOffset? Date, TimeSpan Took);

/// <summary>Looks at what an issuer publishes from outside, as a cloud does: over the network, without caches. Safe for concurrent use.</summary>
public interface IIssuerProbe
{
    /// <summary>A failure's code: nothing answered.</summary>
    const string Unreachable = "issuer.unreachable";

    /// <summary>A failure's code: the operator's rules do not let us go there.</summary>
    const string Blocked = "issuer.blocked";

    Task<IssuerReach> GetReachAsync(Uri address, CancellationToken cancellationToken);

    /// <summary>Whatever is answered; or <see cref="Unreachable"/> or <see cref="Blocked"/>.</summary>
    Task<Result<PublishedDocument>> GetAsync(Uri address, CancellationToken cancellationToken);
}
