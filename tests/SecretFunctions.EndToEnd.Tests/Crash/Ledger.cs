using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests.Crash;

/// <summary>What the writers were told is stored, and what must be true of a store that was killed.</summary>
internal sealed class Ledger
{
    private const int KeysPerImport = 3;
    private const int Padding = 100;

    private readonly ConcurrentDictionary<string, bool> _written = new();
    private readonly ConcurrentDictionary<string, int> _counters = new();
    private int _acknowledged;

    public int Acknowledged => _acknowledged;

    public static string ValueOf(string key) => $"{key}={new string('x', Padding)}";

    public int LastCount(string counter) => _counters.GetValueOrDefault(counter);

    /// <summary>A variable of its own, which is written this once.</summary>
    public static async Task<string[]> PutAsync(SecretFunctionsClient client, string name)
    {
        using var value = new SensitiveText(Encoding.ASCII.GetBytes(ValueOf(name)));
        await client.PutVariableAsync(new("dev", name, null), new VariableRequest { Value = value }, CancellationToken.None);
        return [name];
    }

    /// <summary>Three variables in one transaction.</summary>
    public static async Task<string[]> ImportAsync(SecretFunctionsClient client, string name)
    {
        string[] keys = [.. Enumerable.Range(0, KeysPerImport).Select(part => $"{name}_PART{part}")];
        await client.ImportVariablesAsync("dev", null, Dotenv(keys), dryRun: false, CancellationToken.None);
        return keys;
    }

    /// <returns>How many writes were acknowledged so far.</returns>
    public int Acknowledge(string[] keys)
    {
        Array.ForEach(keys, key => _written[key] = true);
        return Interlocked.Increment(ref _acknowledged);
    }

    public int AcknowledgeCount(string counter, int count)
    {
        _counters[counter] = count;
        return Interlocked.Increment(ref _acknowledged);
    }

    /// <summary>Every acknowledged write is there, whole; none is half there; each has its audit event, and each event its write.</summary>
    public async Task VerifyAsync(ServerProcess server, string operatorKey)
    {
        using var client = server.Client(operatorKey);
        var stored = await client.ListVariablesAsync("dev", null, null, CancellationToken.None)
            .ToDictionaryAsync(static variable => variable.Key, static variable => variable.Version!.Value);
        var once = stored.Keys.Where(static key => !key.StartsWith("COUNTER", StringComparison.Ordinal)).ToArray();
        _written.Keys.Except(once).ShouldBeEmpty("acknowledged writes are there");
        once.Where(static key => key.Contains("_PART", StringComparison.Ordinal))
            .GroupBy(static key => key[..key.IndexOf("_PART", StringComparison.Ordinal)])
            .ShouldAllBe(static import => import.Count() == KeysPerImport, "no import is half there");

        // Nothing to create and nothing to update: every value is there, whole, and opens.
        var difference = await client.ImportVariablesAsync("dev", null, Dotenv(once), dryRun: true, CancellationToken.None);
        difference.ShouldBe(new ImportResponse(0, 0, once.Length, difference.Errors));
        await VerifyCountersAsync(client, stored);
        await VerifyAuditAsync(client, stored);
    }

    private static byte[] Dotenv(IEnumerable<string> keys) => Encoding.ASCII.GetBytes(string.Concat(keys.Select(static key => $"{key}={ValueOf(key)}\n")));

    /// <summary>A counter's value is its version, and either the last acknowledged or the one whose answer the kill cut off.</summary>
    private async Task VerifyCountersAsync(SecretFunctionsClient client, Dictionary<string, int> stored)
    {
        foreach (var (counter, acknowledged) in _counters)
        {
            using var value = (await client.RevealVariableAsync(new("dev", counter, null), CancellationToken.None)).Value;
            var count = int.Parse(Encoding.ASCII.GetString(value.Reveal()), CultureInfo.InvariantCulture);
            count.ShouldBe(stored[counter]);
            count.ShouldBeInRange(acknowledged, acknowledged + 1);
            _counters[counter] = count;
        }
    }

    private static async Task VerifyAuditAsync(SecretFunctionsClient client, Dictionary<string, int> stored)
    {
        var changes = new Dictionary<string, int>();
        await foreach (var auditEvent in client.ListAuditEventsAsync(new AuditEventQuery(), CancellationToken.None))
        {
            var target = auditEvent.GetProperty("target");
            string[] keys = auditEvent.GetProperty("action").GetString() switch
            {
                "variable.put" => [target.GetProperty("key").GetString()!],
                "variable.import" => target.GetProperty("keys").GetString()!.Split(','),
                _ => [],
            };
            Array.ForEach(keys, key => changes[key] = changes.GetValueOrDefault(key) + 1);
        }

        changes.ShouldBe(stored, ignoreOrder: true);
    }
}
