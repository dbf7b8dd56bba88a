using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Api.Credentials;

/// <summary>Tries a credential, and lists what can be referred to through it.</summary>
internal static class CredentialTestEndpoints
{
    private const int MaxPrefixLength = 500;

    public static void MapCredentialTests(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/provider-credentials/{credential}/test", TestAsync).WithName("testCredential").WithMetadata(new BodyDescription(typeof(CredentialTestRequest), IsPatch: false, JsonBody.MediaType)).Takes(QueryParameter.Subject).RequiresManage(Whereabouts.Thing, Feature.SecretProviders).IsCostly();
        routes.MapGet("/v1/provider-credentials/{credential}/secrets", ListAsync).WithName("listSecretNames").Takes([QueryParameter.Prefix, .. QueryParameter.Subject]).RequiresView(Whereabouts.Thing, Feature.SecretProviders).IsCostly();
    }

    /// <summary>200 whatever the outcome: the request was to find out.</summary>
    internal static async Task<Answer<CredentialTestResponse>> TestAsync(
        string credential,
        HttpContext context,
        CredentialDirectory credentials,
        CredentialSubjects subjects,
        CredentialTest test,
        CancellationToken cancellationToken)
    {
        if (RequestExtensions.CheckSlug(credential, "credential") is { } failure
            || !(await ReadAsync(context)).TryGet(out var request, out failure)
            || !(await credentials.FindManagedAsync(context.Caller(), credential, cancellationToken)).TryGet(out var stored, out failure))
        {
            return failure;
        }

        SecretReference? secret = null;
        if (request.Secret is not null)
        {
            if (!SecretReference.TryParse(request.Secret, out var reference))
            {
                return Failure.Invalid("reference.secret_invalid", "A secret is written as name, name#key or name#/json/pointer, without control characters.");
            }

            secret = reference;
        }

        if (!(await BindAsync(context, Level.Manage, stored.Document, subjects, cancellationToken)).TryGet(out var access, out failure))
        {
            return failure.Kind is FailureKind.Invalid or FailureKind.Denied
                ? failure
                : Answer<CredentialTestResponse>.Ok(new CredentialTestResponse(false, null, [ToCheck(new TestStep("subject", failure, null))]));
        }

        var report = await test.RunAsync(context.Session().View, access, secret, cancellationToken);
        return Answer<CredentialTestResponse>.Ok(new CredentialTestResponse(report.Ok, report.Identity, [.. report.Steps.Select(ToCheck)]));
    }

    internal static async Task<Answer<SecretNamesResponse>> ListAsync(
        string credential,
        HttpContext context,
        CredentialDirectory credentials,
        CredentialSubjects subjects,
        CredentialTest test,
        CancellationToken cancellationToken)
    {
        var prefix = context.Query("prefix") ?? "";
        if (prefix.Length > MaxPrefixLength || prefix.Any(char.IsControl))
        {
            return Failure.Invalid("query.invalid", $"'prefix' has at most {MaxPrefixLength} characters, none of them a control character.");
        }

        if (RequestExtensions.CheckSlug(credential, "credential") is { } failure
            || !(await credentials.FindAsync(context.Caller(), credential, cancellationToken)).TryGet(out var stored, out failure))
        {
            return failure;
        }

        if (!(await BindAsync(context, Level.View, stored.Document, subjects, cancellationToken)).TryGet(out var access, out failure))
        {
            return failure.Kind is FailureKind.Invalid or FailureKind.Denied ? failure : Answer<SecretNamesResponse>.Ok(new SecretNamesResponse([], false, Words(failure)));
        }

        var (names, complete, problem) = await test.ListAsync(context.Session().View, access, prefix, cancellationToken);
        return Answer<SecretNamesResponse>.Ok(new SecretNamesResponse(names, complete, problem is null ? null : Words(problem)));
    }

    /// <summary>As whom the caller wants to look, where the credential tells them apart.</summary>
    private static async Task<Result<StoreAccess>> BindAsync(
        HttpContext context, Level level, ProviderCredential credential, CredentialSubjects subjects, CancellationToken cancellationToken)
    {
        var choice = new SubjectChoice(context.Query("automation"), context.Query("project"), context.Query("environment") ?? DeploymentEnvironment.Default);
        return (choice.Automation is null || RequestExtensions.CheckSlug(choice.Automation, "automation") is not { } failure)
            && (choice.Project is null || (failure = RequestExtensions.CheckSlug(choice.Project, "project")) is null)
            && (failure = RequestExtensions.CheckSlug(choice.Environment, "environment")) is null
                ? await subjects.BindAsync(context.Caller(), new Demand(Feature.SecretProviders, level), context.Session().View.Organization, credential, choice, cancellationToken)
                : failure;
    }

    private static string Words(Failure problem) => $"{problem.Detail} {problem.Hint}";

    /// <summary>The body may be left out.</summary>
    private static async ValueTask<Result<CredentialTestRequest>> ReadAsync(HttpContext context) =>
        context.Request.ContentLength is null or 0 && context.Request.ContentType is null
            ? new CredentialTestRequest()
            : (await Body<CredentialTestRequest>.BindAsync(context, null!)).Content;

    private static CredentialTestCheck ToCheck(TestStep step) => new(
        step.Name, step.Failure is null, step.Failure?.Code, step.Failure?.ProviderCode, step.Failure?.Detail ?? step.Note, step.Failure?.Hint);
}
