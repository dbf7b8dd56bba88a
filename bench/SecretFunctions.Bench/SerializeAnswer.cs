using System.Text.Json;
using BenchmarkDotNet.Attributes;
using SecretFunctions.Api.Http;
using SecretFunctions.Api.Resolve;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Bench;

/// <summary>The answer of a resolve as JSON, from opened values.</summary>
public class SerializeAnswer
{
    private Scenario _scenario = null!;
    private Resolution _resolution = null!;

    [GlobalSetup]
    public void Setup()
    {
        _scenario = Scenario.Start();
        _resolution = _scenario.ResolveAsync().GetAwaiter().GetResult().TryGet(out var resolution, out _) ? resolution : throw new InvalidOperationException("Nothing resolves.");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _resolution.Dispose();
        _scenario.Dispose();
    }

    [Benchmark]
    public int Serialize()
    {
        using var body = new ClearedBuffer(_resolution.TotalLength + 1024);
        using (var writer = new Utf8JsonWriter(body))
        {
            ResolveAnswer.Write(writer, _resolution);
        }

        return body.Written.Length;
    }
}
