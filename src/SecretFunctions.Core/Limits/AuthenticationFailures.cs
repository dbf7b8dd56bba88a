using System.Net;
using System.Net.Sockets;

namespace SecretFunctions.Core.Limits;

/// <summary>
/// Slows those who fail to authenticate, by key id and by address. It decides what a failed attempt is told and never whether a right one passes, so
/// nobody locks out anybody: keys have 256 random bits, which is out of reach at any speed. The exception is what a person may have made up, the
/// operator's own bootstrap key: guesses at that are counted before they are compared. Safe for concurrent use, without locks or I/O.
/// </summary>
public sealed class AuthenticationFailures(TimeProvider time)
{
    public const string Code = "auth.too_many_failures";

    /// <summary>Failures, or guesses, in a row that are answered as ever; from then on as many as time pays off.</summary>
    internal const int Burst = 20;

    private const int IPv6PrefixBytes = 8;

    internal static readonly TimeSpan PaidOffIn = TimeSpan.FromSeconds(6);
    internal static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly Rate _rate = new(1 / PaidOffIn.TotalSeconds, Burst, time);
    private readonly long _most = (long)(LongestWait.TotalSeconds * time.TimestampFrequency);
    private readonly Debts<string> _keys = new();
    private readonly Debts<string> _addresses = new();
    private readonly Debts<string> _guessers = new();

    /// <summary>Counts a failed attempt.</summary>
    /// <param name="failure">Why it failed.</param>
    /// <param name="keyId">Of the key that was presented, whether or not there is one.</param>
    /// <param name="address">Whence it came; null where that is not known, as from a Unix socket.</param>
    /// <returns>What to answer: the failure itself, or that there were too many.</returns>
    public Failure Slow(Failure failure, string? keyId, IPAddress? address)
    {
        var now = time.GetTimestamp();
        var byKey = keyId is null ? 0 : _keys.Of(keyId).Add(now, _rate, _most);
        var byAddress = address is null ? 0 : _addresses.Of(NetworkOf(address)).Add(now, _rate, _most);
        return Math.Max(byKey, byAddress) is > 0 and var wait
            ? TooMany(wait) with { Errors = [new FailureEntry(failure.Code, failure.Detail)], Hint = "A right key or token is let in all the same." }
            : failure;
    }

    /// <summary>
    /// Before a guess at the operator's own key is compared. Locks out an operator behind the very address the guesses come from, while they come;
    /// not one who uses a key that is random.
    /// </summary>
    /// <returns>Null where it may be; else what to answer.</returns>
    internal Failure? Guess(IPAddress? address) =>
        address is not null && _guessers.Of(NetworkOf(address)).Take(time.GetTimestamp(), _rate) is > 0 and var wait
            ? TooMany(wait) with { Hint = "What is not an API key is not looked at meanwhile. The operator may come from another address, or have a key that is random." }
            : null;

    /// <summary>It was none.</summary>
    internal void WasNoGuess(IPAddress? address)
    {
        if (address is not null)
        {
            _guessers.Of(NetworkOf(address)).Return(_rate);
        }
    }

    private Failure TooMany(long wait) => new(FailureKind.Throttled, Code, "Too many attempts with this key id, or from this address, failed. Try again after the time in Retry-After.")
    {
        RetryAfter = TimeSpan.FromSeconds((double)wait / time.TimestampFrequency),
    };

    /// <summary>An IPv4 address; of an IPv6 one the first 64 bits, since whoever has one has all that begin so.</summary>
    private static string NetworkOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return Convert.ToHexString(bytes[..IPv6PrefixBytes]);
    }
}
