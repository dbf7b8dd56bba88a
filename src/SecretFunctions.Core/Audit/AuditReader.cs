using System.Runtime.CompilerServices;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Audit;

/// <summary>Reads the log of an organization, newest first. Safe for concurrent use.</summary>
public sealed class AuditReader(IEntityStore store)
{
    /// <summary>Events that one page looks at, so that a filter that fits nothing costs a request no more than others.</summary>
    private const int MaxLookedAt = 20_000;

    /// <summary>An event happens before its row is written: by this much at most, or its writer's clock was set meanwhile.</summary>
    private static readonly TimeSpan RowIsLater = TimeSpan.FromMinutes(10);

    /// <summary>The log of what is done above all organizations, in place of an organization's id.</summary>
    public static string Deployment => Rows.Deployment;

    /// <summary>Every event that fits, as it was written down and with its place in its chain. What is no longer readable is passed over: verifying names it.</summary>
    public async IAsyncEnumerable<(AuditPosition Position, byte[] Json)> ReadAsync(
        string organizationId, AuditPosition? from, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in ReadRowsAsync(organizationId, from, filter, cancellationToken))
        {
            for (var passed = PassedIn(row, from); passed < row.Events.Count; passed++)
            {
                var index = row.Events.Count - 1 - passed;
                if (filter.Fits(row.Events[index]) && row.Json(index) is { } json)
                {
                    yield return (new AuditPosition(row.Name, passed), json);
                }
            }
        }
    }

    /// <summary>Up to <paramref name="limit"/> events that fit, and where to go on: there may be more also where there are fewer.</summary>
    public async Task<AuditPage> ReadPageAsync(string organizationId, AuditPosition? from, AuditFilter filter, int limit, CancellationToken cancellationToken)
    {
        var items = new List<byte[]>();
        var lookedAt = 0;
        await foreach (var row in ReadRowsAsync(organizationId, from, filter, cancellationToken))
        {
            for (var passed = PassedIn(row, from); passed < row.Events.Count; passed++)
            {
                var index = row.Events.Count - 1 - passed;
                var found = filter.Fits(row.Events[index]) ? row.Json(index) : null;
                if (items.Count == limit && found is not null)
                {
                    return new AuditPage(items, new AuditPosition(row.Name, passed));
                }

                if (found is not null)
                {
                    items.Add(found);
                }
                else if (++lookedAt >= MaxLookedAt)
                {
                    return new AuditPage(items, new AuditPosition(row.Name, passed + 1));
                }
            }
        }

        return new AuditPage(items, null);
    }

    private async IAsyncEnumerable<StoredRow> ReadRowsAsync(
        string organizationId, AuditPosition? from, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(organizationId, Rows.AuditPrefix);
        if (from is { } start)
        {
            range = range with { From = start.Row };
        }
        else if (filter.To is { } to && to < DateTimeOffset.MaxValue - RowIsLater)
        {
            range = range with { From = Rows.AuditBefore(to + RowIsLater) };
        }

        if (filter.From is { } oldest && oldest > DateTimeOffset.MinValue + RowIsLater)
        {
            range = range with { Before = Rows.AuditSince(oldest - RowIsLater) };
        }

        if (string.CompareOrdinal(range.From, range.Before) >= 0)
        {
            yield break;
        }

        await foreach (var entity in store.ReadAllAsync(range, pageSize: 50, cancellationToken))
        {
            // One that somebody made unreadable keeps nobody from reading the others: verifying names it.
            if (StoredRow.Parse(entity.Key.Row, entity.Data) is { } row)
            {
                yield return row;
            }
        }
    }

    private static int PassedIn(StoredRow row, AuditPosition? from) => from is { } position && position.Row == row.Name ? position.Index : 0;
}

/// <summary>A place in the log: a row, and how many of its newest events come before.</summary>
public readonly record struct AuditPosition(string Row, int Index);

/// <param name="Items">JSON objects, newest first.</param>
/// <param name="Next">Null at the end.</param>
public sealed record AuditPage(IReadOnlyList<byte[]> Items, AuditPosition? Next);
