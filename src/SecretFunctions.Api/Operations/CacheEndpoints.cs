using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Api.Operations;

/// <summary><c>/v1/cache?credential=</c>.</summary>
internal static class CacheEndpoints
{
    public static void MapCache(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/cache", GetAsync).WithName("getCache").Takes(QueryParameter.Credential).RequiresView(Whereabouts.Organization, Feature.Cache);
        routes.MapDelete("/v1/cache", ClearAsync).WithName("clearCache").Takes(QueryParameter.Credential).RequiresManage(Whereabouts.Organization, Feature.Cache);
    }

    internal static async Task<Answer<CacheResponse>> GetAsync(HttpContext context, SecretCache cache, CancellationToken cancellationToken) =>
        CheckName(context) is not { } failure
        && (await cache.ReportAsync(context.OrganizationId(), context.Query("credential"), cancellationToken)).TryGet(out var reports, out failure)
            ? Answer<CacheResponse>.Ok(new CacheResponse([.. reports.Select(static report => new CacheEntryStatistics(
                report.Credential, report.Entries, report.Counts.Hits, report.Counts.Misses, report.Counts.Stale, report.Counts.Failures))]))
            : failure;

    internal static async Task<Answer<CacheClearedResponse>> ClearAsync(HttpContext context, SecretCache cache, CancellationToken cancellationToken) =>
        CheckName(context) is not { } failure
        && (await cache.ClearAsync(context.Caller(), context.Query("credential"), cancellationToken)).TryGet(out var cleared, out failure)
            ? Answer<CacheClearedResponse>.Ok(new CacheClearedResponse(cleared))
            : failure;

    private static Failure? CheckName(HttpContext context) =>
        context.Query("credential") is { } name ? RequestExtensions.CheckSlug(name, "credential") : null;
}
