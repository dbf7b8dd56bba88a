using System.Text.Json;
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
using SecretFunctions.Core.WorkloadIdentity.Doctor;

namespace SecretFunctions.Api.WorkloadIdentity;

/// <summary><c>POST /v1/workload-identity-configs/{config}/test</c>.</summary>
internal static class WorkloadIdentityTestEndpoint
{
    private static readonly QueryParameter Through = new("credential", ParameterType.Text, "Through this credential. Default: the first that refers to the configuration.");

    public static void MapWorkloadIdentityTest(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/workload-identity-configs/{config}/test", TestAsync).WithName("testWorkloadIdentityConfig").IsCostly()
            .WithMetadata(new BodyDescription(typeof(WorkloadIdentityTestRequest), IsPatch: false, JsonBody.MediaType))
            .Takes([.. QueryParameter.Subject, Through])
            .RequiresManage(Whereabouts.Thing, Feature.WorkloadIdentityConfigs);

    /// <summary>200 whatever the outcome: the request was to find out.</summary>
    internal static async Task<Answer<WorkloadIdentityTestResponse>> TestAsync(
        string config, HttpContext context, WorkloadIdentityDirectory configs, FederationDoctor doctor, CancellationToken cancellationToken) =>
        RequestExtensions.CheckSlug(config, "configuration") is not { } failure
        && (await ReadAsync(context)).TryGet(out var request, out failure)
        && Parse(context, request).TryGet(out var input, out failure)
        && (await configs.FindManagedAsync(context.Caller(), config, cancellationToken)).TryGet(out var stored, out failure)
        && (await doctor.RunAsync(context.Session(), stored.Document, input, cancellationToken)).TryGet(out var report, out failure)
            ? Answer<WorkloadIdentityTestResponse>.Ok(ToResponse(report))
            : failure;

    private static Result<DoctorInput> Parse(HttpContext context, WorkloadIdentityTestRequest request)
    {
        var automation = request.Automation ?? context.Query("automation");
        var project = request.Project ?? context.Query("project");
        var environment = request.Environment ?? context.Query("environment") ?? DeploymentEnvironment.Default;
        var credential = request.Credential ?? context.Query("credential");
        foreach (var (name, what) in new[] { (automation, "automation"), (project, "project"), (environment, "environment"), (credential, "credential") })
        {
            if (name is not null && RequestExtensions.CheckSlug(name, what) is { } failure)
            {
                return failure;
            }
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

        return new DoctorInput(new SubjectChoice(automation, project, environment), credential, secret);
    }

    /// <summary>The body may be left out.</summary>
    private static async ValueTask<Result<WorkloadIdentityTestRequest>> ReadAsync(HttpContext context) =>
        context.Request.ContentLength is null or 0 && context.Request.ContentType is null
            ? new WorkloadIdentityTestRequest()
            : (await Body<WorkloadIdentityTestRequest>.BindAsync(context, null!)).Content;

    private static WorkloadIdentityTestResponse ToResponse(DoctorReport report) => new(
        report.Ok,
        report.Identity,
        report.Token is { } token ? new DecodedTokenResource(ToFields(token.Header), ToFields(token.Claims)) : null,
        [.. report.Steps.Select(static step => new WorkloadIdentityTestCheck(
            step.Name, step.Failure is null, step.Failure?.Code, step.Failure?.ProviderCode, step.Failure?.Detail ?? step.Note, step.Failure?.Hint))]);

    private static Dictionary<string, JsonElement> ToFields(JsonElement element) => element.EnumerateObject().ToDictionary(static field => field.Name, static field => field.Value);
}
