using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Variables;

/// <summary>Values of one variable: the current one in plain, and the earlier ones by number.</summary>
internal static class VariableVersionEndpoints
{
    public static void MapVariableVersions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/variables/{environment}/{key}/reveal", RevealAsync).WithName("revealVariable").Takes(QueryParameter.Scope).RequiresView(Whereabouts.Scope, Feature.SecretValues);
        routes.MapGet("/v1/variables/{environment}/{key}/versions", ListAsync).WithName("listVariableVersions").Takes(QueryParameter.Scope).RequiresView(Whereabouts.Scope, Feature.EnvironmentVariables);
        routes.MapPost("/v1/variables/{environment}/{key}/versions/{version}/restore", RestoreAsync)
            .WithName("restoreVariableVersion").Takes(QueryParameter.Scope).WithMetadata(new HeedsPreconditions()).RequiresManage(Whereabouts.Scope, Feature.EnvironmentVariables);
    }

    internal static async Task<Answer<RevealResponse>> RevealAsync(
        string environment, string key, HttpContext context, VariableDirectory variables, AuditLog audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!context.VariableAddress(environment, key).TryGet(out var address, out var failure))
        {
            return failure;
        }

        if (!(await variables.FindAsync(context.Caller(), new Demand(Feature.SecretValues, Level.View), address, cancellationToken)).TryGet(out var stored, out failure))
        {
            return await FailAsync(failure);
        }

        if (stored.Document.Current is not { } current)
        {
            return await FailAsync(Failure.Conflict("variable.has_no_value", "The variable's value is not in the built-in vault."));
        }

        var opened = VariableDirectory.Open(context.Session().View, address, current);

        // Written before the value leaves, and whether or not it opened.
        await audit.AppendAsync(new AuditEvent(time.GetUtcNow(), context.Caller(), "variable.reveal", opened.Failure is null ? AuditEvent.Success : AuditEvent.Failed)
        {
            Target =
            [
                KeyValuePair.Create("key", address.RecordedAs(context.Session().View.Keys)),
                KeyValuePair.Create("environment", environment),
                KeyValuePair.Create("scope", address.Scope.ToString()),
                KeyValuePair.Create("version", current.Version.ToString(CultureInfo.InvariantCulture)),
            ],
        }).WaitAsync(cancellationToken);
        if (!opened.TryGet(out var value, out failure))
        {
            return failure;
        }

        using (value)
        {
            return Answer<RevealResponse>.Ok(new RevealResponse(new SensitiveText(value.Reveal().ToArray()), current.Version));
        }

        // What is denied is recorded where its problem is written.
        async Task<Failure> FailAsync(Failure failed)
        {
            if (failed.Kind != FailureKind.Denied)
            {
                await audit.AppendAsync(new AuditEvent(time.GetUtcNow(), context.Caller(), "variable.reveal", AuditEvent.Failed)
                {
                    Target = [KeyValuePair.Create("key", address.RecordedAs(context.Session().View.Keys)), KeyValuePair.Create("environment", environment), KeyValuePair.Create("scope", address.Scope.ToString())],
                    Code = failed.Code,
                });
            }

            return failed;
        }
    }

    internal static async Task<Answer<Page<VariableVersion>>> ListAsync(
        string environment, string key, HttpContext context, VariableDirectory variables, CancellationToken cancellationToken)
    {
        if (!context.VariableAddress(environment, key).TryGet(out var address, out var failure)
            || !(await variables.GetAsync(context.Caller(), address, cancellationToken)).TryGet(out var stored, out failure))
        {
            return failure;
        }

        // All of them: no more are kept than fit on one page.
        var current = stored.Document.Current?.Version;
        return Answer<Page<VariableVersion>>.Ok(new(
            [.. stored.Document.Versions.Select(version => new VariableVersion(version.Version, version.Version == current, version.IsJwe, version.CreatedAt, version.CreatedBy))], null));
    }

    internal static async Task<Answer<VariableResource>> RestoreAsync(
        string environment, string key, string version, HttpContext context, VariableDirectory variables, CancellationToken cancellationToken)
    {
        if (!context.VariableAddress(environment, key).TryGet(out var address, out var failure) || !context.Precondition().TryGet(out var precondition, out failure))
        {
            return failure;
        }

        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return Failure.Invalid("variable.version_invalid", "A version is a whole number.");
        }

        return (await variables.RestoreAsync(context.Caller(), address, number, precondition, cancellationToken)).TryGet(out var saved, out failure)
            ? Answer<VariableResource>.Saved(VariableEndpoints.ToResource(saved.Document), saved.ETag, created: false)
            : failure;
    }
}
