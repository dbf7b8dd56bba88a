using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Events;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Api.Http;

/// <summary>Recognizes the caller and asks the one decision function whether the endpoint is for them, before anything is read for them. Who sends too many is told so first.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, Authenticator authenticator, RequestLimits limits)
{
    internal const string Scheme = "Bearer ";

    internal static readonly Failure Missing =
        new(FailureKind.Unauthenticated, "auth.missing", "Send an API key, or a token of a trusted issuer: 'Authorization: Bearer sfk_…'.");

    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<AccessRule>() is not { } rule)
        {
            // Not an endpoint of ours: nothing matched, or the router answers (405).
            await next(context);
            return;
        }

        if (rule.Admission != Admission.Anyone && await AdmitAsync(context, rule) is { } failure)
        {
            Count(failure);
            await Problems.WriteAsync(context, failure);
            return;
        }

        await next(context);
    }

    private async ValueTask<Failure?> AdmitAsync(HttpContext context, AccessRule rule)
    {
        if (rule.Admission == Admission.Event)
        {
            return await context.RequestServices.GetRequiredService<EventAdmission>().AdmitAsync(context, rule);
        }

        var header = context.Request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Missing;
        }

        var organization = context.Request.Headers["X-Organization"];
        var recognized = await authenticator.AuthenticateAsync(
            value[Scheme.Length..], organization.Count == 0 ? null : organization.ToString(), context.Connection.RemoteIpAddress, context.RequestAborted);
        if (!recognized.TryGet(out var session, out var failure))
        {
            return failure;
        }

        return context.Let(session, limits) ?? Decide(session.Caller, rule, context);
    }

    private static void Count(Failure failure)
    {
        if (failure.Kind == FailureKind.Unauthenticated || failure.Code == AuthenticationFailures.Code)
        {
            Signals.CountAuthenticationFailure(failure.Code);
        }
        else if (failure.Kind == FailureKind.Throttled)
        {
            Signals.CountThrottled(failure.Code);
        }
    }

    private static Failure? Decide(Caller caller, AccessRule rule, HttpContext context)
    {
        switch (rule.Admission)
        {
            case Admission.Operator:
                return Authorizer.CheckOperator(caller);
            case Admission.PermissionOrOwn when caller.Principal.Type == PrincipalType.Member:
                return null;
            case Admission.Permission or Admission.PermissionOrOwn:
                var place = rule.Where!.Of(context);
                foreach (var demand in rule.Demands)
                {
                    if (Authorizer.Check(caller, demand, place) is { } denied)
                    {
                        return denied;
                    }
                }

                return null;
            default:
                return null;
        }
    }
}
