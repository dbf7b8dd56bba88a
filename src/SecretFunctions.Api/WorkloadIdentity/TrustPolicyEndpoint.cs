using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

namespace SecretFunctions.Api.WorkloadIdentity;

/// <summary><c>GET /v1/workload-identity-configs/{config}/trust-policy</c>: what to paste into the cloud.</summary>
internal static class TrustPolicyEndpoint
{
    private static readonly QueryParameter[] Selection =
    [
        new("automation", ParameterType.Text, "Of this automation alone. Default: of everybody the configuration serves."),
        new("project", ParameterType.Text, "Of this project alone. An automation has its own."),
        new("environment", ParameterType.Text, "Of this environment alone. Default: of all that the configuration serves."),
    ];

    public static void MapTrustPolicy(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/workload-identity-configs/{config}/trust-policy", HandleAsync).WithName("getTrustPolicy").Takes(Selection).RequiresView(Whereabouts.Thing, Feature.WorkloadIdentityConfigs);

    internal static async Task<Answer<TrustPolicyResponse>> HandleAsync(
        string config, HttpContext context, TrustPolicyPrinter printer, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(config, "configuration") is not { } failure
        && Read(context).TryGet(out var selection, out failure)
        && (await printer.PrintAsync(context.Caller(), context.Session().View.Organization, config, selection, cancellationToken)).TryGet(out var policy, out failure)
            ? Answer<TrustPolicyResponse>.Ok(ToResponse(policy))
            : failure;

    private static Result<TrustSelection> Read(HttpContext context)
    {
        foreach (var part in Selection)
        {
            if (context.Query(part.Name) is { } name && RequestExtensions.CheckSlug(name, part.Name) is { } failure)
            {
                return failure;
            }
        }

        return new TrustSelection(context.Query("automation"), context.Query("project"), context.Query("environment"));
    }

    private static TrustPolicyResponse ToResponse(TrustPolicy policy) => new(
        policy.Cloud,
        policy.Issuer,
        policy.Audience,
        policy.Subjects,
        [.. policy.Documents.Select(static document => new TrustPolicyDocument(document.Name, document.Format, document.Content))],
        [.. policy.Warnings.Select(static warning => new TrustPolicyWarning(warning.Code, warning.Detail, warning.Hint))]);
}
