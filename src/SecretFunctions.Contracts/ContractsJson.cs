using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

/// <summary>
/// Every type on the wire. Strict: unknown and repeated properties, nulls where none may be, and missing required properties are errors.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcTimestampConverter)],
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 32)]
[JsonSerializable(typeof(DescriptionRequest))]
[JsonSerializable(typeof(OrganizationRequest))]
[JsonSerializable(typeof(OrganizationResource))]
[JsonSerializable(typeof(ProjectResource))]
[JsonSerializable(typeof(Page<ProjectResource>))]
[JsonSerializable(typeof(EnvironmentResource))]
[JsonSerializable(typeof(Page<EnvironmentResource>))]
[JsonSerializable(typeof(AutomationRequest))]
[JsonSerializable(typeof(AutomationResource))]
[JsonSerializable(typeof(Page<AutomationResource>))]
[JsonSerializable(typeof(AssignmentsRequest))]
[JsonSerializable(typeof(AssignmentsResource))]
[JsonSerializable(typeof(SnapshotRequest))]
[JsonSerializable(typeof(SnapshotResource))]
[JsonSerializable(typeof(Page<SnapshotResource>))]
[JsonSerializable(typeof(VariableRequest))]
[JsonSerializable(typeof(VariableResource))]
[JsonSerializable(typeof(Page<VariableResource>))]
[JsonSerializable(typeof(RevealResponse))]
[JsonSerializable(typeof(Page<VariableVersion>))]
[JsonSerializable(typeof(ImportResponse))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(ResolveResponse))]
[JsonSerializable(typeof(SealedResolveResponse))]
[JsonSerializable(typeof(RenderRequest))]
[JsonSerializable(typeof(RenderResponse))]
[JsonSerializable(typeof(ApiKeyRequest))]
[JsonSerializable(typeof(ApiKeyResource))]
[JsonSerializable(typeof(Page<ApiKeyResource>))]
[JsonSerializable(typeof(TrustedIssuerRequest))]
[JsonSerializable(typeof(TrustedIssuerResource))]
[JsonSerializable(typeof(Page<TrustedIssuerResource>))]
[JsonSerializable(typeof(WhoamiResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(Page<VariableUsage>))]
[JsonSerializable(typeof(Page<JsonElement>))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(IReadOnlyList<SourceDescription>))]
[JsonSerializable(typeof(IReadOnlyList<ProblemEntry>))]
[JsonSerializable(typeof(CredentialRequest))]
[JsonSerializable(typeof(CredentialResource))]
[JsonSerializable(typeof(Page<CredentialResource>))]
[JsonSerializable(typeof(CredentialTestRequest))]
[JsonSerializable(typeof(CredentialTestResponse))]
[JsonSerializable(typeof(SecretNamesResponse))]
[JsonSerializable(typeof(WorkloadIdentityConfigRequest))]
[JsonSerializable(typeof(WorkloadIdentityConfigResource))]
[JsonSerializable(typeof(Page<WorkloadIdentityConfigResource>))]
[JsonSerializable(typeof(TrustPolicyResponse))]
[JsonSerializable(typeof(WorkloadIdentityTestRequest))]
[JsonSerializable(typeof(WorkloadIdentityTestResponse))]
[JsonSerializable(typeof(TokenMintRequest))]
[JsonSerializable(typeof(TokenMintResponse))]
[JsonSerializable(typeof(CacheResponse))]
[JsonSerializable(typeof(CacheClearedResponse))]
[JsonSerializable(typeof(EventResponse))]
[JsonSerializable(typeof(KeysResponse))]
[JsonSerializable(typeof(SealingKeyResource))]
[JsonSerializable(typeof(DiscoveryDocument))]
[JsonSerializable(typeof(JsonWebKeySet))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Problem))]
public sealed partial class ContractsJson : JsonSerializerContext;
