using SecretFunctions.Core.Limits;

namespace SecretFunctions.Hosting;

/// <summary>How many requests one instance takes of one caller and of one organization: <c>SecretFunctions:Limits:*</c>.</summary>
public sealed class LimitSettings
{
    private const string Section = $"{SecretFunctionsOptions.Section}:Limits";
    private const int Most = 1_000_000;

    /// <summary>Of one principal, in the long run: up to a million, default 200; 0 is no limit.</summary>
    public double PrincipalRequestsPerSecond { get; set; } = 200;

    /// <summary>Of one principal, at once: 1 to a million, default 2000.</summary>
    public int PrincipalBurst { get; set; } = 2000;

    /// <summary>Of all principals of one organization: up to a million, default 2000; 0 is no limit.</summary>
    public double OrganizationRequestsPerSecond { get; set; } = 2000;

    /// <summary>Of all principals of one organization, at once: 1 to a million, default 20000.</summary>
    public int OrganizationBurst { get; set; } = 20_000;

    /// <summary>Of one principal, of what costs a signature or a call to somebody else's service: up to a million, default 20; 0 is no limit of its own.</summary>
    public double CostlyRequestsPerSecond { get; set; } = 20;

    /// <summary>Of one principal, of these at once: 1 to a million, default 200.</summary>
    public int CostlyBurst { get; set; } = 200;

    /// <summary>Everything that is wrong, a sentence each.</summary>
    internal IEnumerable<string> Validate()
    {
        foreach (var (name, rate, burst) in new[]
        {
            ("Principal", PrincipalRequestsPerSecond, PrincipalBurst), ("Organization", OrganizationRequestsPerSecond, OrganizationBurst), ("Costly", CostlyRequestsPerSecond, CostlyBurst),
        })
        {
            // Slower than this and the time of one request does not fit the clock.
            if (rate is not (0 or (>= 0.001 and <= Most)))
            {
                yield return $"{Section}:{name}RequestsPerSecond must be 0, or from 0.001 to {Most}.";
            }

            if (burst is < 1 or > Most)
            {
                yield return $"{Section}:{name}Burst must be from 1 to {Most}.";
            }
        }

        if (PrincipalRequestsPerSecond > 0 && OrganizationRequestsPerSecond > 0 && (PrincipalRequestsPerSecond >= OrganizationRequestsPerSecond || PrincipalBurst >= OrganizationBurst))
        {
            yield return $"{Section}:PrincipalRequestsPerSecond and PrincipalBurst must be less than the organization's, or one caller could use up what all have together.";
        }
    }

    internal RequestLimitOptions ToOptions() => new(
        new RequestLimit(PrincipalRequestsPerSecond, PrincipalBurst),
        new RequestLimit(OrganizationRequestsPerSecond, OrganizationBurst),
        new RequestLimit(CostlyRequestsPerSecond, CostlyBurst));
}
