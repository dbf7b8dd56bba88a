using Microsoft.AspNetCore.Http;
using SecretFunctions.Api.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Limits;

namespace SecretFunctions.Api.Events;

/// <summary>
/// Recognizes who delivers events. Each cloud can present a secret in its own way only, so there are more ways in than anywhere else: a key in
/// <c>Authorization</c> or <c>X-Api-Key</c>, for Event Grid in the query, or a token that the cloud signed.
/// </summary>
internal sealed class EventAdmission(
    Authenticator authenticator, ITokenVerifier verifier, EventTrust trust, EventDeliveries deliveries, AuthenticationFailures failures, RequestLimits limits)
{
    private static readonly Failure ClaimsRefused = new(
        FailureKind.Unauthenticated, "token.claims", "The token is valid, but not of the sender that the settings SecretFunctions:Events name.");

    /// <summary>Null where the delivery is let in; then the session says for which organization.</summary>
    public async ValueTask<Failure?> AdmitAsync(HttpContext context, AccessRule rule)
    {
        var source = context.Request.RouteValues["source"] as string ?? "";
        if (Presented(context.Request, source) is not { } presented)
        {
            return AccessMiddleware.Missing;
        }

        if (trust.Senders.TryGetValue(source, out var sender) && IsToken(presented))
        {
            var refused = await AdmitTokenAsync(context, source, presented, sender);
            return refused is { Kind: FailureKind.Unauthenticated } ? failures.Slow(refused, keyId: null, context.Connection.RemoteIpAddress) : refused;
        }

        var organization = context.Request.Headers["X-Organization"];
        var recognized = await authenticator.AuthenticateAsync(
            presented, organization.Count == 0 ? null : organization.ToString(), context.Connection.RemoteIpAddress, context.RequestAborted);
        if (!recognized.TryGet(out var session, out var failure))
        {
            return failure;
        }

        return context.Let(session, limits) ?? rule.Demands.Select(demand => Authorizer.Check(session.Caller, demand, rule.Where!.Of(context))).FirstOrDefault(static denied => denied is not null);
    }

    private async Task<Failure?> AdmitTokenAsync(HttpContext context, string source, string token, SenderTrust sender)
    {
        if (!(await verifier.VerifyAsync(token, sender.Token, context.RequestAborted)).TryGet(out var verified, out var failure))
        {
            return failure;
        }

        if (!sender.Claims.All(rule => rule.Holds(verified)))
        {
            return ClaimsRefused;
        }

        if (!(await deliveries.OpenAsync(source, context.RequestAborted)).TryGet(out var session, out failure))
        {
            return failure;
        }

        return context.Let(session, limits);
    }

    /// <summary>One secret in one place. Two in <c>Authorization</c> are none.</summary>
    private static string? Presented(HttpRequest request, string source)
    {
        var authorization = request.Headers.Authorization;
        if (authorization.Count > 0)
        {
            return authorization.Count == 1 && authorization[0] is { } value && value.StartsWith(AccessMiddleware.Scheme, StringComparison.OrdinalIgnoreCase)
                ? value[AccessMiddleware.Scheme.Length..]
                : null;
        }

        var header = request.Headers["X-Api-Key"];
        if (header.Count > 0)
        {
            return header.Count == 1 ? header[0] : null;
        }

        return source == EventSources.EventGrid && request.Query["key"] is { Count: 1 } query ? query[0] : null;
    }

    /// <summary>Rather than a key: those have no dots, and a bootstrap key that has may still be sent for any source without a token.</summary>
    private static bool IsToken(string presented) =>
        !presented.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) && presented.Contains('.', StringComparison.Ordinal);
}
