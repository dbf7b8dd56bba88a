using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Bench;

/// <summary>20 values of 40 bytes: each under its own key, and as a plan keeps them.</summary>
public class OpenValues
{
    private const int Length = 40;

    private readonly byte[] _destination = new byte[Scenario.Variables * Length];
    private SealedValue[] _values = [];
    private SealedValue _joined = null!;

    [GlobalSetup]
    public void Setup()
    {
        _values = [.. Enumerable.Range(0, Scenario.Variables).Select(static i => Seal($"variable/prod/organization/KEY_{i}"))];
        _joined = SealedValue.Join(_values)!;
    }

    [Benchmark(Baseline = true)]
    public bool EachOfItsOwn()
    {
        var opened = true;
        for (var i = 0; i < _values.Length; i++)
        {
            opened &= _values[i].TryOpen(_destination.AsSpan(i * Length));
        }

        return opened;
    }

    [Benchmark]
    public bool Joined() => _joined.TryOpen(_destination);

    private static SealedValue Seal(string subject)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var body = RandomNumberGenerator.GetBytes(12 + Length + 16);
        var associatedData = new SealContext("abcdefghij", subject, 1).Encode(Envelope.ValueLabel);
        var aes = new AesGcm(key, 16);
        aes.Encrypt(body.AsSpan(0, 12), new byte[Length], body.AsSpan(12, Length), body.AsSpan(12 + Length), associatedData);
        return new SealedValue(aes, body, associatedData);
    }
}
