using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Maintenance;
using SecretFunctions.Core.Store;
using SQLitePCL;

namespace SecretFunctions.Api.Tests.Audit;

/// <summary>Somebody opens the database beside the running service and changes its log: verifying names what, where, to it and to one that was started later.</summary>
public sealed class AuditOnDiskTests() : ApiTest(Head.Direct)
{
    [Fact]
    public async Task A_flipped_byte_in_the_database_is_named()
    {
        var (found, row) = await EventAsync("web3");
        var data = row.Data.ToArray();
        data[Encoding.UTF8.GetString(data).IndexOf("web3", StringComparison.Ordinal)] ^= 0x01;
        Change(Update(row, data));

        await ShouldBeAsync("changed", found, (string?)found["id"]);
    }

    [Fact]
    public async Task A_row_that_was_deleted_from_the_database_is_named()
    {
        var (found, row) = await EventAsync("web3");
        Change($"DELETE FROM entities WHERE row = '{row.Key.Row}'");

        await ShouldBeAsync("missing", found, null);
    }

    [Fact]
    public async Task Two_rows_that_changed_places_in_the_database_are_named()
    {
        var (older, one) = await EventAsync("web3");
        var (newer, other) = await EventAsync("web6");
        Change($"BEGIN; {Update(one, other.Data.ToArray())}; {Update(other, one.Data.ToArray())}; COMMIT");

        await ShouldBeAsync("reordered", older, (string?)newer["id"]);
    }

    /// <summary>Of several that are in a checkpoint, the event of this project and its row.</summary>
    private async Task<(JsonNode Found, Entity Row)> EventAsync(string project)
    {
        if ((await Operator.GetReplyAsync("/v1/projects/web0")).Status == 404)
        {
            for (var i = 0; i < 8; i++)
            {
                await Operator.ProjectAsync($"web{i}");
                Host.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            await Host.Services.GetRequiredService<MaintenanceRound>().RunAsync(CancellationToken.None);
            (await Operator.GetReplyAsync("/v1/audit-events/verify")).Json["ok"]!.GetValue<bool>().ShouldBeTrue();
        }

        var found = (await Operator.GetReplyAsync($"/v1/audit-events?action=project.put&target=project:{project}")).Json["items"]!.AsArray().ShouldHaveSingleItem().ShouldNotBeNull();
        var range = new EntityRange(await StoreDump.OrganizationIdAsync(Host, "default"), "audit|", "audit}");
        await foreach (var row in Host.Services.GetRequiredService<IEntityStore>().ReadAllAsync(range, pageSize: 100, CancellationToken.None))
        {
            if (Encoding.UTF8.GetString(row.Data.Span).Contains((string)found["id"]!, StringComparison.Ordinal))
            {
                return (found, row);
            }
        }

        throw new InvalidOperationException("The event has no row.");
    }

    private static string Update(Entity row, byte[] data) => $"UPDATE entities SET data = X'{Convert.ToHexString(data)}' WHERE row = '{row.Key.Row}'";

    private void Change(string sql)
    {
        raw.sqlite3_open(Path.Combine(Host.Data, "secretfunctions.db"), out var database).ShouldBe(raw.SQLITE_OK);
        using (database)
        {
            raw.sqlite3_exec(database, sql).ShouldBe(raw.SQLITE_OK);
        }
    }

    private async Task ShouldBeAsync(string reason, JsonNode at, string? eventId)
    {
        await using var another = await Host.StartAnotherAsync(Head.Direct);
        foreach (var instance in new[] { Host, another })
        {
            var broken = (await instance.Operator.GetReplyAsync("/v1/audit-events/verify")).ShouldBe(200).Json["firstBroken"].ShouldNotBeNull();
            ((string?)broken["reason"], (string?)broken["chain"], (long?)broken["number"], (string?)broken["eventId"])
                .ShouldBe((reason, (string?)at["chain"], (long?)at["number"], eventId));
        }
    }
}
