using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Credentials;

/// <summary>Which variables would fail without a credential.</summary>
internal static class CredentialUse
{
    private const int MaxNamed = 20;

    /// <summary>Null where no variable refers to it, by name or as its provider's default.</summary>
    public static async Task<Failure?> FindAsync(IEntityStore store, Caller caller, ProviderCredential credential, CancellationToken cancellationToken)
    {
        var errors = new List<FailureEntry>();
        var total = 0;
        foreach (var prefix in new[] { Rows.VariablePrefix, VariableAddress.AllPersonalPrefix })
        {
            await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(caller.OrganizationId, prefix), pageSize: 500, cancellationToken))
            {
                var variable = Documents.Read(entity, StoredJson.Default.Variable).Document;
                if (variable.Reference is not { } reference || !Means(reference, credential))
                {
                    continue;
                }

                total++;
                if (errors.Count < MaxNamed)
                {
                    // A person's own variables are nobody else's to know, nor are those of other projects.
                    errors.Add(prefix == Rows.VariablePrefix && VariableReach.Shows(caller, variable)
                        ? new FailureEntry("credential.used_by", $"Environment '{variable.Environment}', scope {variable.Scope}.") { Key = variable.Key }
                        : new FailureEntry("credential.used_by", prefix == Rows.VariablePrefix ? "A variable out of your reach." : "A member's personal variable."));
                }
            }
        }

        return total == 0
            ? null
            : Failure.Conflict("credential.in_use", $"{Count(total)} to credential '{credential.Name}'. Change them first, or delete it with ?force=true.") with { Errors = errors };
    }

    private static bool Means(ReferenceSource reference, ProviderCredential credential) =>
        reference.Credential == credential.Name || (credential.Default && reference.Credential is null && reference.Provider == credential.Provider);

    private static string Count(int variables) => variables == 1 ? "1 variable refers" : $"{variables} variables refer";
}
