namespace SecretFunctions.Core.Limits;

/// <summary>So many in a second in the long run, and so many at once (the generic cell rate algorithm).</summary>
internal sealed class Rate(double perSecond, int burst, TimeProvider time)
{
    /// <summary>What each costs, in the clock's own unit.</summary>
    public long Cost { get; } = Math.Max(1, (long)(time.TimestampFrequency / perSecond));

    /// <summary>How much debt there may be and another is still let in.</summary>
    public long Allowed { get; } = Math.Max(0, (long)(time.TimestampFrequency / perSecond * (burst - 1)));
}

/// <summary>
/// Until when somebody's debt is paid off by time alone: one number for each of them, looked at when they come. Safe for concurrent use, without locks.
/// </summary>
internal sealed class Debt<TKey>(TKey key)
{
    private long _paidAt;

    public TKey Key { get; } = key;

    public long PaidAt => Volatile.Read(ref _paidAt);

    /// <summary>Adds one to the debt, unless there is too much of it already.</summary>
    /// <returns>How long until there would not be, in the clock's unit; 0 where it was added.</returns>
    public long Take(long now, Rate rate)
    {
        while (true)
        {
            var before = PaidAt;
            var start = Math.Max(before, now);
            var excess = start - now - rate.Allowed;
            if (excess > 0)
            {
                return excess;
            }

            if (Interlocked.CompareExchange(ref _paidAt, start + rate.Cost, before) == before)
            {
                return 0;
            }
        }
    }

    /// <summary>Adds one in any case, up to a bound.</summary>
    /// <param name="most">The most that can be in excess.</param>
    /// <returns>How long until there is nothing in excess any more; 0 or less where there is not.</returns>
    public long Add(long now, Rate rate, long most)
    {
        while (true)
        {
            var before = PaidAt;
            var after = Math.Min(Math.Max(before, now) + rate.Cost, now + rate.Allowed + rate.Cost + most);
            if (Interlocked.CompareExchange(ref _paidAt, after, before) == before)
            {
                return after - now - rate.Cost - rate.Allowed;
            }
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(Rate rate) => Interlocked.Add(ref _paidAt, -rate.Cost);
}

/// <summary>
/// The debts of those who have any, in memory that does not grow. A debt that is paid off is as good as none, so forgetting one loses nothing; where
/// all in one place are owed, the smallest is forgotten. To have a debt of one's own forgotten one must bring up many larger ones, and
/// in the one place out of a thousand that nobody outside can tell. Safe for concurrent use, without locks.
/// </summary>
/// <remarks>
/// Two who insert at once may insert one key twice, or one debt may be forgotten while it is added to: then a few are let in that should not have been.
/// Keys must have hash codes that cannot be foretold, as those of strings.
/// </remarks>
internal sealed class Debts<TKey>
    where TKey : notnull, IEquatable<TKey>
{
    private const int Ways = 8;
    private const int Places = 1024;

    private readonly Debt<TKey>?[] _debts = new Debt<TKey>?[Ways * Places];

    public Debt<TKey> Of(TKey key)
    {
        var place = _debts.AsSpan((int)((uint)key.GetHashCode() % Places) * Ways, Ways);
        while (true)
        {
            var (weakest, least) = (0, long.MaxValue);
            for (var i = 0; i < place.Length; i++)
            {
                var debt = Volatile.Read(ref place[i]);
                if (debt is not null && debt.Key.Equals(key))
                {
                    return debt;
                }

                var owed = debt?.PaidAt ?? long.MinValue;
                if (owed < least)
                {
                    (weakest, least) = (i, owed);
                }
            }

            var fresh = new Debt<TKey>(key);
            var forgotten = Volatile.Read(ref place[weakest]);
            if ((forgotten?.PaidAt ?? long.MinValue) <= least && Interlocked.CompareExchange(ref place[weakest], fresh, forgotten) == forgotten)
            {
                return fresh;
            }
        }
    }
}
