using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Http;

/// <summary>
/// What a recognized caller tried and may not do leaves an event, whichever rule refused it. Of somebody who was not recognized there is none:
/// anybody could fill the disk with them.
/// </summary>
internal static class RefusedRequests
{
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
            new AuditEvent(services.GetRequiredService<TimeProvider>().GetUtcNow(), session.Caller, "access.denied", AuditEvent.Denied)
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
            if (value is string text && IsName(name, text) && !(isPersonal && name == "key"))
            {
                yield return KeyValuePair.Create(name, text);
            }
        }
    }

    /// <summary>Whether something of ours could be called so. Anything else is a mistake, and may be a whole key, pasted in the place of its id.</summary>
    private static bool IsName(string parameter, string text) =>
        (parameter == "key" ? VariableKey.TryParse(text, out _) : Slug.TryParse(text, out _) || MemberEmail.TryParse(text, out _))
        && !text.Contains(ApiKeyText.Prefix, StringComparison.OrdinalIgnoreCase)
        && !(ApiKeyText.TryParse(text, out var key) && key.IsRandom);
}
