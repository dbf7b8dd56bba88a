using System.Diagnostics;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Core.Tests.Telemetry;

/// <summary>Nothing in this assembly listens, so this is what it costs where nobody does.</summary>
public sealed class CostTests
{
    [Fact]
    public void Where_nobody_looks_a_signal_allocates_nothing()
    {
        Tell(); // Makes what is made once.
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Tell();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static void Tell()
    {
        if (Watch.Begin(SignalNames.Spans.Resolve, ActivityKind.Internal, Signals.ResolveDuration) is not null)
        {
            throw new InvalidOperationException("Somebody looks.");
        }

        Signals.CountCacheRead("hit");
        Signals.CountBreakerOpened("fake");
        Signals.CountAuthenticationFailure("auth.invalid");
        Signals.MeasureAuditWrite(0, SignalNames.Outcomes.Success);
    }
}
