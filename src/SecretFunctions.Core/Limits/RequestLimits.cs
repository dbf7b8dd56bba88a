using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Limits;

/// <summary>So many requests in a second in the long run, and so many at once.</summary>
/// <param name="PerSecond">0: any number.</param>
/// <param name="Burst">1 at the least.</param>
public readonly record struct RequestLimit(double PerSecond, int Burst);

/// <param name="Principal">Of one principal in one organization, whichever keys and tokens it uses.</param>
/// <param name="Organization">Of all principals of one organization together, the deployment's operator apart.</param>
/// <param name="Costly">Of one principal, of what costs a signature or a call to somebody else's service.</param>
public sealed record RequestLimitOptions(RequestLimit Principal, RequestLimit Organization, RequestLimit Costly);

/// <summary>
/// How many requests one instance takes of whom: what one caller sends in a loop must not take from others. Nothing outlives the process, and no
/// view of an organization has a part in it: a change must not give a flood a fresh start. Safe for concurrent use, without locks or I/O.
/// </summary>
public sealed class RequestLimits(RequestLimitOptions options, TimeProvider time)
{
    private readonly Rate? _principal = RateOf(options.Principal, time);
    private readonly Rate? _organization = RateOf(options.Organization, time);
    private readonly Rate? _costly = RateOf(options.Costly, time);
    private readonly Debts<Holder> _principals = new();
    private readonly Debts<Holder> _costlyOnes = new();
    private readonly Debts<string> _organizations = new();

    /// <summary>Null where the request may go on. What the principal is refused does not count for the organization.</summary>
    /// <param name="costly">Also counted by its own, tighter measure.</param>
    public Failure? Check(Caller caller, bool costly)
    {
        var now = time.GetTimestamp();
        var holder = new Holder(caller.OrganizationId, caller.Principal);
        if (costly && _costly is not null && _costlyOnes.Of(holder).Take(now, _costly) is > 0 and var costlyWait)
        {
            return Refuse("limit.costly", "This caller asks too often for what is costly, such as tokens and connection tests.", costlyWait);
        }

        if (_principal is not null && _principals.Of(holder).Take(now, _principal) is > 0 and var wait)
        {
            return Refuse("limit.principal", "This caller sends too many requests.", wait);
        }

        // The operator comes to set right what floods an organization, and must not stand in its queue.
        return _organization is not null && !caller.IsOperator && _organizations.Of(caller.OrganizationId).Take(now, _organization) is > 0 and var shared
            ? Refuse("limit.organization", "The organization's callers send too many requests together.", shared)
            : null;
    }

    private Failure Refuse(string code, string detail, long wait) => new(FailureKind.Throttled, code, $"{detail} Try again after the time in Retry-After.")
    {
        RetryAfter = TimeSpan.FromSeconds((double)wait / time.TimestampFrequency),
    };

    private static Rate? RateOf(RequestLimit limit, TimeProvider time) => limit.PerSecond > 0 ? new Rate(limit.PerSecond, limit.Burst, time) : null;

    private readonly record struct Holder(string OrganizationId, Principal Principal);
}
