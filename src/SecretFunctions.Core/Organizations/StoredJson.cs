using System.Text.Json.Serialization;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Maintenance;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Organizations;

/// <summary>How documents lie in the store. Unknown properties are kept out on reading: an older instance may meet a newer one's rows.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Organization))]
[JsonSerializable(typeof(OrganizationName))]
[JsonSerializable(typeof(OperatorKey))]
[JsonSerializable(typeof(RootKeyRecord))]
[JsonSerializable(typeof(StoredOrganizationKeys))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(DeploymentEnvironment))]
[JsonSerializable(typeof(Project))]
[JsonSerializable(typeof(Automation))]
[JsonSerializable(typeof(AssignmentList))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(Variable))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(TrustedIssuer))]
[JsonSerializable(typeof(Role))]
[JsonSerializable(typeof(Member))]
[JsonSerializable(typeof(OwnerList))]
[JsonSerializable(typeof(PersonalIdentity))]
[JsonSerializable(typeof(ProviderCredential))]
[JsonSerializable(typeof(DefaultCredential))]
[JsonSerializable(typeof(WorkloadIdentityConfig))]
[JsonSerializable(typeof(CachedSecretRow))]
[JsonSerializable(typeof(MaintenanceLease))]
[JsonSerializable(typeof(WatchedSecret))]
[JsonSerializable(typeof(ExpiryWarning))]
[JsonSerializable(typeof(StoredKeyRing))]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(StoredSealingKeys))]
internal sealed partial class StoredJson : JsonSerializerContext;
