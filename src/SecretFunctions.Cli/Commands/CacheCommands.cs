using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>cache show|clear</c>.</summary>
internal static class CacheCommands
{
    private static readonly Column<CacheEntryStatistics>[] Columns =
    [
        new("CREDENTIAL", static entry => entry.Credential),
        new("ENTRIES", static entry => $"{entry.Entries}"),
        new("HITS", static entry => $"{entry.Hits}"),
        new("MISSES", static entry => $"{entry.Misses}"),
        new("STALE", static entry => $"{entry.Stale}"),
        new("FAILURES", static entry => $"{entry.Failures}"),
    ];

    public static Command Create(CliSession session) => new("cache", "What is kept of values from external stores.") { Show(session), Clear(session) };

    private static Command Show(CliSession session)
    {
        var credential = Credential();
        return session.Does(
            new Command("show", "How much is kept for all instances, and how the cache of the one that answers did since it started.") { credential },
            async (parsed, client, printer, cancellationToken) =>
            {
                var cache = await client.GetCacheAsync(parsed.GetValue(credential), cancellationToken);
                await printer.ManyAsync(cache.Items.ToAsyncEnumerable(), null, Printer.Types.CacheEntryStatistics, Columns);
            });
    }

    private static Command Clear(CliSession session)
    {
        var credential = Credential();
        return session.Does(
            new Command("clear", "Forget the values, so that the stores are asked anew.") { credential },
            async (parsed, client, printer, cancellationToken) => printer.One(
                await client.ClearCacheAsync(parsed.GetValue(credential), cancellationToken),
                Printer.Types.CacheClearedResponse,
                new Column<CacheClearedResponse>("cleared", static result => $"{result.Cleared}")));
    }

    private static Option<string?> Credential() => new("--credential") { Description = "Only what was read through this credential." };
}
