using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;

namespace SecretFunctions.Api.Audit;

/// <summary><c>GET /v1/audit-events</c>: newest first, as they were written.</summary>
internal static class AuditEndpoints
{
    public static void MapAuditEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/audit-events", ListAsync).WithName("listAuditEvents").Takes(QueryParameter.Paging).RequiresView(Whereabouts.Everything, Feature.AuditEvents);

    internal static async Task<Answer<Page<JsonElement>>> ListAsync(HttpContext context, AuditLog audit, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure))
        {
            return failure;
        }

        var items = new List<JsonElement>();
        await foreach (var (position, json) in audit.ReadAsync(context.OrganizationId(), ParsePosition(paging.From), cancellationToken))
        {
            if (items.Count == paging.Limit)
            {
                return Answer<Page<JsonElement>>.Ok(new(items, paging.Cursor($"{position.Index.ToString(CultureInfo.InvariantCulture)} {position.Row}")));
            }

            items.Add(JsonElement.Parse(json.Span));
        }

        return Answer<Page<JsonElement>>.Ok(new(items, null));
    }

    /// <summary>Out of a cursor of our own, which was authenticated before.</summary>
    private static AuditPosition? ParsePosition(string? from)
    {
        if (from is null)
        {
            return null;
        }

        var space = from.IndexOf(' ', StringComparison.Ordinal);
        return new AuditPosition(from[(space + 1)..], int.Parse(from.AsSpan(0, space), CultureInfo.InvariantCulture));
    }
}
