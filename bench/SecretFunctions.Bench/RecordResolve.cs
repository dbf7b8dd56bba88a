using BenchmarkDotNet.Attributes;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Bench;

/// <summary>The audit event of a resolve: written down, and a whole resolve with it on disk, one at a time.</summary>
public class RecordResolve
{
    private const int InRow = 40;

    private Scenario _scenario = null!;
    private AuditEvent _event = null!;
    private readonly AuditRow _row = new();

    [GlobalSetup]
    public void Setup()
    {
        _scenario = Scenario.Start();
        var variables = Enumerable.Range(0, Scenario.Variables).Select(static i => new ResolvedVariable(
            new PlanEntry($"SERVICE_{i:D2}_TOKEN", "organization"),
            new ResolvedSource($"SERVICE_{i:D2}_TOKEN", "organization", ResolvedSource.Vault, null, null, "1", "0123456789ab", default, Stale: false),
            null));
        _event = new AuditEvent(TimeProvider.System.GetUtcNow(), _scenario.Session.Caller, "variable.resolve", AuditEvent.Success)
        {
            Target = [KeyValuePair.Create("environment", "prod"), KeyValuePair.Create("automation", "billing-crew")],
            Kickoff = Scenario.Input.Kickoff,
            VariablesJson = ResolutionAudit.Describe(variables),
        };
    }

    [GlobalCleanup]
    public void Cleanup() => _scenario.Dispose();

    [Benchmark]
    public int Serialize()
    {
        _row.Clear();
        _row.Add(EventLine.Of(_event));
        return _row.Data.Length;
    }

    /// <summary>40 events in one row, as under load.</summary>
    [Benchmark(OperationsPerInvoke = InRow)]
    public int SerializeAndSeal()
    {
        _row.Clear();
        for (var i = 0; i < InRow; i++)
        {
            _row.Add(EventLine.Of(_event));
        }

        var head = ChainHead.Start("0123456789abcdef0123-1", _event.At);
        _row.Seal(head, Rows.Audit(_event.At, head.Chain, 1), _event.At, _scenario.Session.View.Keys.Audit);
        return _row.Data.Length;
    }

    [Benchmark]
    public async Task<int> ResolveDurably()
    {
        using var resolution = (await _scenario.ResolveAsync()).TryGet(out var resolved, out _) ? resolved : throw new InvalidOperationException("Nothing resolves.");
        return resolution.Count;
    }
}
