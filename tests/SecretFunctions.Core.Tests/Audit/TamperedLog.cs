using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Vault;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary>An organization's log, and a hand in the store.</summary>
internal sealed class TamperedLog
{
    private TamperedLog(Instance instance) => Instance = instance;

    public Instance Instance { get; }

    public string OrganizationId => Instance.OrganizationId;

    /// <summary>Not the organization's.</summary>
    public static AuditKey SomebodysKey => VaultVectors.Keys.Audit;

    private static CancellationToken None => CancellationToken.None;

    /// <summary>Rows of several events each, a second apart; events are called <c>ROW-EVENT</c>.</summary>
    public static async Task<TamperedLog> StartAsync(int rows, int perRow = 1, Instance? instance = null)
    {
        var log = new TamperedLog(instance ?? await Instance.StartAsync());
        await log.AppendAsync(rows, perRow);
        return log;
    }

    public async Task AppendAsync(int rows, int perRow = 1)
    {
        var chains = Instance.Audit.ChainsOf(OrganizationId);
        for (var i = 0; i < rows; i++)
        {
            var row = new AuditRow();
            for (var k = 0; k < perRow; k++)
            {
                row.Add(EventLine.Of(Event($"{i}-{k}")));
            }

            (await Instance.Audit.WriteAsync(OrganizationId, chains, row, [], None)).Applied.ShouldBeTrue();
            Instance.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public AuditEvent Event(string action) => new(Instance.Clock.GetUtcNow(), Instance.Owner, action, AuditEvent.Success)
    {
        VariablesJson = List,
    };

    private static readonly byte[] List = """[{"key":"A","scope":"organization","from":"vault","version":"1","outcome":"success"}]"""u8.ToArray();

    public async Task<AuditReport> VerifyAsync() => await Instance.Verifier.VerifyAsync(await Instance.ViewAsync(), None);

    public async Task CheckpointAsync() => await Instance.CheckpointMaker.AdvanceAsync(await Instance.ViewAsync(), None);

    public async Task<int> CountAsync() => (await Instance.AuditEventsAsync()).Count;

    public IAsyncEnumerable<Entity> RowsAsync(string prefix = Rows.AuditPrefix) => Instance.Shared.ReadAllAsync(EntityRange.Prefix(OrganizationId, prefix), 100, None);

    /// <summary>One of those that <see cref="AppendAsync"/> wrote, by age.</summary>
    public async Task<Entity> RowAsync(int index, bool newestFirst = false)
    {
        var rows = new List<Entity>();
        await foreach (var row in RowsAsync())
        {
            if (System.Text.Encoding.UTF8.GetString(row.Data.Span).Contains("\"key\":\"A\"", StringComparison.Ordinal))
            {
                rows.Add(row);
            }
        }

        return newestFirst ? rows[index] : rows[^(index + 1)];
    }

    public Task ReplaceAsync(string row, byte[] data) => Instance.Shared.WriteAsync(OrganizationId, [EntityWrite.Upsert(row, data)], None);

    public Task InsertAsync(string row, byte[] data) => Instance.Shared.WriteAsync(OrganizationId, [EntityWrite.Insert(row, data)], None);

    public Task DeleteAsync(string row) => Instance.Shared.WriteAsync(OrganizationId, [EntityWrite.Delete(row, null)], None);
}
