using BenchmarkDotNet.Attributes;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Bench;

/// <summary>The cached plan of a resolve.</summary>
public class FindPlan
{
    private Scenario _scenario = null!;

    [GlobalSetup]
    public void Setup()
    {
        _scenario = Scenario.Start();
        if (!Find())
        {
            throw new InvalidOperationException("The plan of the scenario is not the one looked for here.");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _scenario.Dispose();

    [Benchmark]
    public bool Find() =>
        _scenario.Session.View.Plans.TryGet(new PlanKey("billing-crew", null, "prod", null, null, "", null)) is not null;
}
