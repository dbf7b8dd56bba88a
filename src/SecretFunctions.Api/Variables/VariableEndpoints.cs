using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Api.Variables;

/// <summary><c>/v1/variables</c>.</summary>
internal static class VariableEndpoints
{
    private const int MaxTags = 50;

    public static void MapVariables(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/variables", ListAsync).WithName("listVariables")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor, QueryParameter.Environment, QueryParameter.Scope, QueryParameter.Tag).RequiresView(Whereabouts.Scope, Feature.EnvironmentVariables);
        routes.MapGet("/v1/variables/{environment}/{key}", GetAsync).WithName("getVariable").Takes(QueryParameter.Scope).RequiresView(Whereabouts.Scope, Feature.EnvironmentVariables);
        routes.MapPut("/v1/variables/{environment}/{key}", PutAsync).WithName("putVariable").Takes(QueryParameter.Scope).RequiresManage(Whereabouts.Scope, Feature.EnvironmentVariables);
        routes.MapPatch("/v1/variables/{environment}/{key}", PatchAsync).WithName("patchVariable").Takes(QueryParameter.Scope).TakesPatchOf(typeof(VariableRequest)).RequiresManage(Whereabouts.Scope, Feature.EnvironmentVariables);
        routes.MapDelete("/v1/variables/{environment}/{key}", DeleteAsync).WithName("deleteVariable").Takes(QueryParameter.Scope).RequiresManage(Whereabouts.Scope, Feature.EnvironmentVariables);
    }

    internal static async Task<Answer<Page<VariableResource>>> ListAsync(
        HttpContext context, VariableDirectory variables, Environments environments, CancellationToken cancellationToken)
    {
        var environment = context.Query("environment");
        if (!Paging.Read(context).TryGet(out var paging, out var failure)
            || (environment is not null && (failure = RequestExtensions.CheckSlug(environment, "environment")) is not null)
            || !VariableScope.TryParse(context.Query("scope"), context.Caller(), out var scope, out failure))
        {
            return failure;
        }

        var filter = new VariableFilter(environment, context.Query("scope") is null ? null : scope, context.Query("tag"));
        if (environment is not null && (failure = await environments.CheckAsync(context.OrganizationId(), environment, cancellationToken)) is not null)
        {
            return failure;
        }

        return !(await variables.ListAsync(context.Caller(), filter, paging.Limit, paging.From, cancellationToken)).TryGet(out var page, out failure)
            ? failure
            : Answer<Page<VariableResource>>.Ok(new([.. page.Items.Select(static item => ToResource(item.Document))], paging.Cursor(page.Next)));
    }

    internal static async Task<Answer<VariableResource>> GetAsync(
        string environment, string key, HttpContext context, VariableDirectory variables, CancellationToken cancellationToken) =>
        context.VariableAddress(environment, key).TryGet(out var address, out var failure)
        && (await variables.GetAsync(context.Caller(), address, cancellationToken)).TryGet(out var stored, out failure)
            ? Answer<VariableResource>.Ok(ToResource(stored.Document), stored.ETag)
            : failure;

    internal static async Task<Answer<VariableResource>> PutAsync(
        string environment, string key, Body<VariableRequest> body, HttpContext context, VariableDirectory variables, CancellationToken cancellationToken)
    {
        if (!body.TryGet(out var request, out var failure))
        {
            return failure;
        }

        using var secret = request.Value;
        using var jwe = request.SealedValue;
        if (!context.VariableAddress(environment, key).TryGet(out var address, out failure)
            || !context.Precondition().TryGet(out var precondition, out failure))
        {
            return failure;
        }

        return request is { Value: null, SealedValue: null, Reference: null }
            ? Failure.Invalid("variable.source_missing", "A variable needs a source: send 'value', 'sealedValue' or 'reference'. To change only words about it, use PATCH.")
            : await SaveAsync(address, request, precondition, context, variables, cancellationToken);
    }

    internal static async Task<Answer<VariableResource>> PatchAsync(
        string environment, string key, HttpContext context, VariableDirectory variables, CancellationToken cancellationToken)
    {
        if (!context.VariableAddress(environment, key).TryGet(out var address, out var failure))
        {
            return failure;
        }

        ReferenceDescription? stored = null;
        return await Patching.RunAsync<Variable, VariableRequest, VariableResource>(
            context,
            () => variables.FindAsync(context.Caller(), new Demand(Feature.EnvironmentVariables, Level.Manage), address, cancellationToken),
            current => new VariableRequest
            {
                Reference = stored = ToDescription(current.Reference),
                Tags = current.Tags,
                DisplayName = current.DisplayName,
                Description = current.Description,
            },
            async (request, precondition) =>
            {
                // A patch with a value takes the reference's place; one that leaves the reference alone needs no right to write it.
                using var secret = request.Value;
                using var jwe = request.SealedValue;
                var reference = request.Reference == stored ? null : request.Reference;
                return await SaveAsync(address, request with { Reference = reference }, precondition, context, variables, cancellationToken);
            });
    }

    internal static async Task<NothingToSay> DeleteAsync(
        string environment, string key, HttpContext context, VariableDirectory variables, CancellationToken cancellationToken) =>
        context.VariableAddress(environment, key).TryGet(out var address, out var failure) && context.Precondition().TryGet(out var precondition, out failure)
            ? NothingToSay.Unless(await variables.DeleteAsync(context.Caller(), address, precondition, cancellationToken))
            : failure;

    internal static VariableResource ToResource(Variable variable) => new(
        variable.Key,
        variable.Key,
        variable.Environment,
        variable.Scope,
        HasValue: variable.Current is not null,
        Sealed: variable.Current?.IsJwe == true,
        variable.Current?.Version,
        ToDescription(variable.Reference),
        variable.Tags,
        variable.DisplayName,
        variable.Description,
        variable.Changes.CreatedAt,
        variable.Changes.UpdatedAt,
        variable.Changes.UpdatedBy);

    private static ReferenceDescription? ToDescription(ReferenceSource? reference) => reference is null
        ? null
        : new ReferenceDescription { Credential = reference.Credential, Provider = reference.Provider, Secret = reference.Secret, Version = reference.Version };

    private static async Task<Answer<VariableResource>> SaveAsync(
        VariableAddress address,
        VariableRequest request,
        Precondition precondition,
        HttpContext context,
        VariableDirectory variables,
        CancellationToken cancellationToken)
    {
        var tags = request.Tags ?? [];
        if (FreeText.Check(request.DisplayName, request.Description) is { } failure)
        {
            return failure;
        }

        if (tags.Count > MaxTags || tags.Any(static tag => !Slug.TryParse(tag, out _)))
        {
            return Failure.Invalid("variable.tags_invalid", $"A variable has at most {MaxTags} tags, each formed like a resource name.");
        }

        if (request is { Value: not null, SealedValue: not null } or { Value: not null, Reference: not null } or { SealedValue: not null, Reference: not null })
        {
            return Failure.Invalid("variable.source_ambiguous", "A variable has one source: send one of 'value', 'sealedValue' and 'reference'.");
        }

        if (request.Reference is { } named && (named.Credential is null) == (named.Provider is null))
        {
            return Failure.Invalid("reference.credential_missing", "A reference names a credential, or a provider whose default credential it takes.");
        }

        CompactJwe? sealedValue = null;
        if (request.SealedValue is { } jwe && !CompactJwe.Parse(jwe.Reveal()).TryGet(out sealedValue, out failure))
        {
            return failure;
        }

        using var value = request.Value is null ? null : new SecretValue(request.Value.Reveal());
        var reference = request.Reference is { } source ? new ReferenceSource(source.Credential, source.Provider, source.Secret, source.Version) : null;
        if (reference?.Credential is not null && (failure = RequestExtensions.CheckSlug(reference.Credential, "credential")) is not null)
        {
            return failure;
        }

        var input = new VariableInput(value, reference, tags, request.DisplayName, request.Description) { Sealed = sealedValue };
        return (await variables.PutAsync(context.Caller(), address, input, precondition, cancellationToken)).TryGet(out var saved, out failure)
            ? Answer<VariableResource>.Saved(ToResource(saved.Document), saved.ETag, saved.Created)
            : failure;
    }
}
