using System.Text.Json;
using System.Text.Json.Nodes;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Api.WorkloadIdentity;

/// <summary>A workload identity configuration on the wire and in the domain.</summary>
internal static class WorkloadIdentityForms
{
    private const string ScopeInvalid = "workload_identity.scope_invalid";

    private static readonly string[] SubjectScopes = [.. Enum.GetValues<SubjectScope>().Select(NameOf)];

    public static Result<WorkloadIdentityInput> Parse(WorkloadIdentityConfigRequest request)
    {
        var errors = new List<FailureEntry>();
        var scope = ScopeForms.Parse(request.Scope, request.Projects, request.Automations, ScopeInvalid, errors);
        var environments = request.Environments ?? [];
        ScopeForms.CheckNames(environments, "environments", ScopeInvalid, errors);
        var subjectScope = Array.IndexOf(SubjectScopes, request.SubjectScope);
        if (request.SubjectScope is not null && subjectScope < 0)
        {
            errors.Add(new FailureEntry("workload_identity.field_invalid", $"A subject scope is one of {string.Join(", ", SubjectScopes)}.") { Field = "subjectScope" });
        }

        return errors.Count > 0
            ? Failure.Invalid("workload_identity.invalid", "The configuration was not stored: some fields are wrong.") with { Errors = errors }
            : new WorkloadIdentityInput(
                request.Cloud,
                request.Fields?.AsReadOnly() ?? new Dictionary<string, JsonElement>().AsReadOnly(),
                request.Audience,
                subjectScope < 0 ? null : (SubjectScope)subjectScope,
                scope,
                environments);
    }

    public static WorkloadIdentityConfigResource ToResource(ProviderCatalog providers, WorkloadIdentityConfig config) => new()
    {
        Name = config.Name,
        Cloud = config.Cloud,
        Audience = config.Audience,
        SubjectScope = NameOf(config.SubjectScope),
        Scope = ScopeForms.Kind(config.Scope),
        Projects = config.Scope.Projects ?? [],
        Automations = config.Scope.Automations,
        Environments = config.Environments,
        CreatedAt = config.Changes.CreatedAt,
        UpdatedAt = config.Changes.UpdatedAt,
        UpdatedBy = config.Changes.UpdatedBy,
        Fields = FieldForms.ToJson(providers.FindCloud(config.Cloud)?.Fields, config.Fields),
    };

    /// <summary>As it would have been sent. An audience that follows from the fields is left to follow from them as patched.</summary>
    public static WorkloadIdentityConfigRequest ToRequest(ProviderCatalog providers, WorkloadIdentityConfig config)
    {
        var cloud = providers.FindCloud(config.Cloud);
        return new()
        {
            Cloud = config.Cloud,
            Audience = config.Audience == cloud?.DefaultAudience(config.Fields) ? null : config.Audience,
            SubjectScope = NameOf(config.SubjectScope),
            Scope = ScopeForms.Kind(config.Scope),
            Projects = config.Scope.Projects ?? [],
            Automations = config.Scope.Automations,
            Environments = config.Environments,
            Fields = FieldForms.ToJson(cloud?.Fields, config.Fields),
        };
    }

    /// <summary>Another cloud begins without what was said of the one before.</summary>
    public static WorkloadIdentityConfigRequest ForPatch(WorkloadIdentityConfigRequest current, JsonObject patch) =>
        patch["cloud"] is JsonValue cloud && cloud.TryGetValue(out string? next) && next != current.Cloud
            ? current with { Audience = null, SubjectScope = null, Fields = null }
            : current;

    private static string NameOf(SubjectScope scope) => scope.ToString().ToLowerInvariant();
}
