using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;

namespace SecretFunctions.Api.Audit;

/// <summary><c>/v1/audit-events</c>: newest first, as they were written; all that fit as a stream; and whether the log is whole.</summary>
internal static class AuditEndpoints
{
    public static void MapAuditEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/audit-events", ListAsync).WithName("listAuditEvents")
            .Takes(QueryParameter.Paging).Takes(AuditQueries.Filters).RequiresView(Whereabouts.Everything, Feature.AuditEvents);
        routes.MapGet("/v1/audit-events/export", Export).WithName("exportAuditEvents").Takes(AuditQueries.Filters).RequiresView(Whereabouts.Everything, Feature.AuditEvents).IsCostly();
        routes.MapGet("/v1/audit-events/verify", VerifyAsync).WithName("verifyAuditEvents").Takes(AuditQueries.WhichLog).RequiresView(Whereabouts.Everything, Feature.AuditEvents).IsCostly();
    }

    internal static async Task<Answer<Page<JsonElement>>> ListAsync(HttpContext context, AuditReader audit, CancellationToken cancellationToken)
    {
        if (!Paging.Read(context).TryGet(out var paging, out var failure)
            || !AuditQueries.ReadLog(context).TryGet(out var log, out failure)
            || !AuditQueries.ReadFilter(context).TryGet(out var filter, out failure))
        {
            return failure;
        }

        var page = await audit.ReadPageAsync(log, AuditQueries.ParsePosition(paging.From), filter, paging.Limit, cancellationToken);
        return Answer<Page<JsonElement>>.Ok(new([.. page.Items.Select(static json => JsonElement.Parse(json))], paging.Cursor(AuditQueries.Write(page.Next))));
    }

    internal static AuditExport Export(HttpContext context, AuditReader audit) =>
        AuditQueries.ReadLog(context).TryGet(out var log, out var failure) && AuditQueries.ReadFilter(context).TryGet(out var filter, out failure)
            ? new AuditExport(audit.ReadAsync(log, null, filter, context.RequestAborted))
            : failure;

    internal static async Task<Answer<AuditVerification>> VerifyAsync(HttpContext context, AuditVerifier verifier, CancellationToken cancellationToken)
    {
        if (!AuditQueries.ReadLog(context).TryGet(out var log, out var failure))
        {
            return failure;
        }

        var report = log == AuditReader.Deployment
            ? await verifier.VerifyDeploymentAsync(cancellationToken)
            : await verifier.VerifyAsync(context.Session().View, cancellationToken);
        return Answer<AuditVerification>.Ok(new AuditVerification(
            report.FirstBroken is null,
            report.Events,
            report.FirstBroken is { } broken ? new AuditBreak(broken.Reason, broken.At, broken.Chain, broken.Number, broken.EventId) : null,
            report.Checkpoint is { } checkpoint ? new AuditCheckpoint(checkpoint.Number, checkpoint.At, checkpoint.Hash, checkpoint.SignedBy) : null));
    }
}
