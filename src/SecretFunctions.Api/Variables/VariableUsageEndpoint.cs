using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Audit;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Variables;

/// <summary><c>GET /v1/variables/{environment}/{key}/usage</c>: who had the variable, out of the audit log, newest first.</summary>
internal static class VariableUsageEndpoint
{
    public static void MapVariableUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/variables/{environment}/{key}/usage", ListAsync).WithName("listVariableUsage")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor, QueryParameter.Scope).RequiresView(Whereabouts.Scope, Feature.EnvironmentVariables);

    internal static async Task<Answer<Page<VariableUsage>>> ListAsync(
        string environment, string key, HttpContext context, VariableDirectory variables, AuditReader audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure)
            || !context.VariableAddress(environment, key).TryGet(out var address, out failure)
            || !(await variables.GetAsync(context.Caller(), address, cancellationToken)).TryGet(out _, out failure))
        {
            return failure;
        }

        var use = VariableUse.Of(address, context.Session().View.Keys);
        var page = await audit.ReadPageAsync(
            context.OrganizationId(), AuditQueries.ParsePosition(paging.From), new AuditFilter { Use = use }, paging.Limit, cancellationToken);
        var now = time.GetUtcNow();
        return Answer<Page<VariableUsage>>.Ok(new([.. page.Items.Select(json => ToUsage(JsonElement.Parse(json), use, now)).OfType<VariableUsage>()], paging.Cursor(AuditQueries.Write(page.Next))));
    }

    /// <summary>Null where the event has not the form of one: somebody changed it, and verifying names it.</summary>
    private static VariableUsage? ToUsage(JsonElement found, VariableUse use, DateTimeOffset now)
    {
        if (!found.TryGetProperty("at", out var time) || time.ValueKind != JsonValueKind.String || !time.TryGetDateTimeOffset(out var at)
            || !found.TryGetProperty("target", out var target)
            || !found.TryGetProperty("actor", out var actor)
            || VariableIn(target, use) is not { } variable)
        {
            return null;
        }

        var whole = Text(found, "outcome") ?? "";
        var own = Text(variable, "outcome") ?? whole;
        return new VariableUsage(
            Text(found, "id") ?? "",
            at,
            Math.Max(0, (long)(now - at).TotalSeconds),
            Text(found, "action") ?? "",
            new PrincipalReference(Text(actor, "type") ?? "", Text(actor, "name") ?? ""),
            Text(target, "automation"),
            found.TryGetProperty("kickoff", out var kickoff) ? new UsageKickoff(Text(kickoff, "id"), Text(kickoff, "kind"), Text(kickoff, "triggeredBy")) : null,
            Text(variable, "version"),
            own == AuditEvent.Success && whole == AuditEvent.Failed ? "withheld" : own);
    }

    private static JsonElement? VariableIn(JsonElement target, VariableUse use) =>
        !target.TryGetProperty("variables", out var list) ? target
        : list.ValueKind != JsonValueKind.Array ? null
        : list.EnumerateArray().Where(use.IsMeant).Select(static variable => (JsonElement?)variable).FirstOrDefault();

    private static string? Text(JsonElement found, string name) =>
        found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
