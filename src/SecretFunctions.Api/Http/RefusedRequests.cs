using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;

namespace SecretFunctions.Api.Http;

/// <summary>
/// What a recognized caller tried and may not do leaves an event, whichever rule refused it. Of somebody who was not recognized there is none:
/// anybody could fill the disk with them.
/// </summary>
internal static class RefusedRequests
{
    private const string Action = "access.denied";

    /// <summary>Nothing of ours is named by more.</summary>
    private const int MaxLength = 128;

    /// <exception cref="Core.Store.StoreUnavailableException">It could not be written.</exception>
    public static Task RecordAsync(HttpContext context, Failure failure)
    {
        // Where the resolver decides, it also records.
        if (context.Features.Get<Session>() is not { } session || context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is null or { Admission: Admission.Resolves })
        {
            return Task.CompletedTask;
        }

        var services = context.RequestServices;
        return services.GetRequiredService<AuditLog>().AppendAsync(
            new AuditEvent(services.GetRequiredService<TimeProvider>().GetUtcNow(), session.Caller, Action, AuditEvent.Denied)
            {
                Code = failure.Code,
                Target = [.. Target(context)],
            });
    }

    private static IEnumerable<KeyValuePair<string, string>> Target(HttpContext context)
    {
        yield return KeyValuePair.Create("operation", context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "");
        var isPersonal = context.Query("scope") == "personal";
        foreach (var (name, value) in context.Request.RouteValues)
        {
            // What somebody's personal variables are called is theirs.
            if (value is string { Length: <= MaxLength } text && !(isPersonal && name == "key"))
            {
                yield return KeyValuePair.Create(name, text);
            }
        }
    }
}
