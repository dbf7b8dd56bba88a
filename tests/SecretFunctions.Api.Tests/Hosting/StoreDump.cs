using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>Everything in the store, to see that nothing has changed.</summary>
internal static class StoreDump
{
    /// <summary>All rows but the audit log's: each partition, row and ETag, which changes with every write.</summary>
    public static async Task<string> ReadAsync(ApiHost host, params string[] organizationIds)
    {
        var store = host.Services.GetRequiredService<IEntityStore>();
        var dump = new StringBuilder();
        foreach (var partition in organizationIds.Prepend("deployment"))
        {
            await foreach (var entity in store.ReadAllAsync(new EntityRange(partition, "!", "~~"), pageSize: 500, CancellationToken.None))
            {
                if (!entity.Key.Row.StartsWith("audit|", StringComparison.Ordinal))
                {
                    dump.Append(partition).Append(' ').Append(entity.Key.Row).Append(' ').AppendLine(entity.ETag);
                }
            }
        }

        return dump.ToString();
    }

    /// <summary>The random id behind an organization's name.</summary>
    public static async Task<string> OrganizationIdAsync(ApiHost host, string name)
    {
        var row = await host.Services.GetRequiredService<IEntityStore>().GetAsync(new EntityKey("deployment", $"organization|{name}"), CancellationToken.None);
        return (string)System.Text.Json.Nodes.JsonNode.Parse(row!.Data.Span)!["id"]!;
    }
}
