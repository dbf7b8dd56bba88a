using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Core;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Tables;

/// <summary>The shared store: one table of Azure Table Storage, or of anything that speaks its protocol.</summary>
/// <remarks>
/// Every write, also a single one, is an entity group transaction: one code path. The table is created by the first
/// write that finds it missing, and until then reads as empty, so that opening the store costs no round trip.
/// </remarks>
public sealed partial class TableEntityStore : IEntityStore
{
    private readonly TableTransport _transport;
    private readonly string _account;
    private readonly string _name;
    private readonly string _table;

    /// <param name="account">Where the table is.</param>
    /// <param name="tableName">3 to 63 letters and digits, a letter first.</param>
    /// <param name="credential">The identity to use where <paramref name="account"/> holds no key.</param>
    /// <param name="time">Dates the requests; the service refuses those more than 15 minutes off.</param>
    /// <exception cref="ArgumentException">Not a table name, or neither key nor credential.</exception>
    public TableEntityStore(TablesAccount account, string tableName, TokenCredential? credential, TimeProvider time)
        : this(account, tableName, credential, time, new TableClientOptions())
    {
    }

    internal TableEntityStore(
        TablesAccount account, string tableName, TokenCredential? credential, TimeProvider time, TableClientOptions options)
    {
        if (!IsTableName(tableName))
        {
            throw new ArgumentException("A table name has 3 to 63 letters and digits, a letter first.", nameof(tableName));
        }

        _transport = new TableTransport(account, credential, options, time);
        _account = account.Endpoint.AbsoluteUri.TrimEnd('/');
        _name = tableName;
        _table = $"{_account}/{tableName}";
    }

    /// <summary>Whether the service takes this as the name of a table. The emulator would answer without an error code.</summary>
    public static bool IsTableName(string name) => TableName().IsMatch(name);

    public async Task<Entity?> GetAsync(EntityKey key, CancellationToken cancellationToken)
    {
        EntityRules.Check(key);
        return (await ReadAsync(key, cancellationToken))?.Entity;
    }

    public async Task<EntityPage> QueryAsync(EntityRange range, int limit, string? continuation, CancellationToken cancellationToken)
    {
        EntityRules.Check(range, limit);
        var from = continuation is null ? null : TableContinuation.Decode(continuation);
        using var message = _transport.CreateMessage(RequestMethod.Get, _table + "()");
        message.Request.Uri.AppendQuery("$filter", TableKeys.Filter(range), escapeValue: true);
        message.Request.Uri.AppendQuery("$top", limit.ToString(CultureInfo.InvariantCulture));
        from?.AppendTo(message.Request.Uri);
        switch (await _transport.SendAsync(message, cancellationToken))
        {
            case null:
                break;
            case { Code: "TableNotFound" }:
                return new EntityPage([], null);
            case var error:
                throw TableTransport.Unexpected(error);
        }

        using var json = TableTransport.ReadJson(message.Response);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("value", out var rows))
        {
            throw new StoreUnavailableException("Table Storage answered a query without rows.");
        }

        var entities = rows.EnumerateArray().Select(row => TableEntity.Read(row).Entity).ToList();
        return new EntityPage(entities, TableContinuation.From(message.Response)?.Encode());
    }

    public async Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken)
    {
        if (EntityRules.Check(partition, writes) is { } refused)
        {
            return refused;
        }

        var marker = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var body = BatchRequest.Encode(_table, partition, writes, marker);
        if (body.Length > BatchRequest.MaxBytes)
        {
            return WriteResult.Failed(WriteConflict.TooLarge, writes.Count - 1);
        }

        var answer = await SendBatchAsync(body, marker, cancellationToken);
        if (answer.Error?.Code == "TableNotFound")
        {
            await CreateTableAsync(cancellationToken);
            answer = await SendBatchAsync(body, marker, cancellationToken);
        }

        if (answer.Error is null)
        {
            return answer.ETags.Count == writes.Count
                ? WriteResult.Success(answer.ETags)
                : throw new StoreUnavailableException("Table Storage answered fewer operations than it was sent.");
        }

        if (Conflict(answer.Error) is not { } conflict)
        {
            throw TableTransport.Unexpected(answer.Error);
        }

        return answer.Uncertain
            ? await SettleAsync(partition, writes, marker, cancellationToken)
            : WriteResult.Failed(conflict, answer.Error.Index);
    }

    private static WriteConflict? Conflict(TableError error) => error switch
    {
        { Status: 409, Code: "EntityAlreadyExists" } => WriteConflict.AlreadyExists,
        { Status: 404, Code: "ResourceNotFound" or "EntityNotFound" } => WriteConflict.NotFound,
        { Status: 412 } => WriteConflict.Changed,
        _ => null,
    };

    private async Task<BatchAnswer> SendBatchAsync(ReadOnlyMemory<byte> body, string marker, CancellationToken cancellationToken)
    {
        using var message = _transport.CreateMessage(RequestMethod.Post, $"{_account}/$batch");
        message.Request.Headers.SetValue("Content-Type", BatchRequest.ContentType(marker));
        message.Request.Content = RequestContent.Create(body);
        var error = await _transport.SendAsync(message, cancellationToken);
        var etags = error is null ? BatchResponse.Parse(message.Response.Content).ETags : [];
        return new BatchAnswer(etags, error, AttemptHistory.IsUncertain(message));
    }

    /// <summary>
    /// Decides a conflict that came after an attempt whose outcome is unknown. Where a row bears our marker, that
    /// attempt had been applied, all of it, and the conflict was with ourselves.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// No row does. The attempt may still have been applied and overwritten since, and deletions leave no row to tell.
    /// "Conflict" could then be untrue, and "applied" could let two callers both win; only "unknown" is safe.
    /// </exception>
    private async Task<WriteResult> SettleAsync(
        string partition, IReadOnlyList<EntityWrite> writes, string marker, CancellationToken cancellationToken)
    {
        var applied = false;
        var etags = new string[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            if (writes[i].Kind == WriteKind.Delete)
            {
                etags[i] = "";
                continue;
            }

            var row = await ReadAsync(new EntityKey(partition, writes[i].Row), cancellationToken);
            var ours = row?.Marker == marker;
            applied |= ours;

            // A row that somebody changed after us: the ETag it had then can match no more.
            etags[i] = ours ? row!.Entity.ETag : BatchRequest.NeverMatches;
        }

        return applied
            ? WriteResult.Success(etags)
            : throw new StoreUnavailableException("The answer to a write was lost, and what the table holds does not tell whether it was applied.");
    }

    private async Task<TableEntity?> ReadAsync(EntityKey key, CancellationToken cancellationToken)
    {
        using var message = _transport.CreateMessage(RequestMethod.Get, _table + TableKeys.Path(key));
        switch (await _transport.SendAsync(message, cancellationToken))
        {
            case null:
                using (var json = TableTransport.ReadJson(message.Response))
                {
                    return TableEntity.Read(json.RootElement);
                }

            // By code, not by status: a proxy's or a mistyped endpoint's 404 says nothing about the entity.
            case { Code: "ResourceNotFound" or "EntityNotFound" or "TableNotFound" }:
                return null;
            case var error:
                throw TableTransport.Unexpected(error);
        }
    }

    private async Task CreateTableAsync(CancellationToken cancellationToken)
    {
        using var message = _transport.CreateMessage(RequestMethod.Post, $"{_account}/Tables");
        message.Request.Headers.SetValue("Content-Type", "application/json");
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        message.Request.Content = RequestContent.Create($$"""{"TableName":"{{_name}}"}""");
        if (await _transport.SendAsync(message, cancellationToken) is { Code: not "TableAlreadyExists" } error)
        {
            throw TableTransport.Unexpected(error);
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TableName();

    private readonly record struct BatchAnswer(IReadOnlyList<string> ETags, TableError? Error, bool Uncertain);
}
