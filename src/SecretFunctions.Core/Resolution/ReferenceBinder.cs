using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Resolution;

/// <summary>
/// Turns a reference into the credential and secret it means, and the subject it is read as; and refuses it where the scope of the credential or
/// of its workload identity configuration does: when it is written and again at every kickoff's plan, before any store is touched. Safe for
/// concurrent use.
/// </summary>
public sealed class ReferenceBinder(CredentialDirectory credentials, SubjectBinder subjects, ProviderCatalog providers)
{
    /// <summary>For a kickoff.</summary>
    internal async Task<Result<BoundReference>> BindAsync(
        string organizationId, ReferenceSource reference, TokenSubject who, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(organizationId, reference, cancellationToken)).TryGet(out var credential, out var failure))
        {
            return failure with { Kind = FailureKind.Unresolved };
        }

        if (!credential.Scope.Permits(who.Project, who.Automation))
        {
            return OutOfScope(credential) with { Kind = FailureKind.Unresolved };
        }

        if (!(await subjects.BindAsync(organizationId, credential, who, cancellationToken)).TryGet(out var access, out failure)
            || !Parse(credential, reference, FailureKind.Unresolved).TryGet(out var parsed, out failure))
        {
            return failure;
        }

        return new BoundReference(access, new SecretAddress(parsed.Name, reference.Version), parsed.Field?.Value);
    }

    /// <summary>When a variable is written: null where the reference will do.</summary>
    internal async Task<Failure?> CheckAsync(
        Caller caller, ReferenceSource reference, VariableScope scope, Automation? automation, string environment, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(caller.OrganizationId, reference, cancellationToken)).TryGet(out var credential, out var failure))
        {
            return failure;
        }

        // What the writer may not see is not there.
        if (!CredentialDirectory.Shows(caller, credential))
        {
            return NoCredential(reference);
        }

        return credential.Scope.Serves(scope, automation)
            ? await subjects.CheckAsync(caller.OrganizationId, credential, scope, automation, environment, cancellationToken)
                ?? Parse(credential, reference, FailureKind.Invalid).Failure
            : OutOfScope(credential);
    }

    private async Task<Result<ProviderCredential>> FindAsync(string organizationId, ReferenceSource reference, CancellationToken cancellationToken)
    {
        if (reference.Credential is { } name)
        {
            return (await credentials.GetAsync(organizationId, name, cancellationToken)).TryGet(out var stored, out _) ? stored.Document : NoCredential(reference);
        }

        return await credentials.GetDefaultAsync(organizationId, reference.Provider!, cancellationToken) is { } found ? found.Document : NoCredential(reference);
    }

    private static Failure NoCredential(ReferenceSource reference) => reference.Credential is { } name
        ? CredentialDirectory.NotFound(name) with { Kind = FailureKind.Invalid, Hint = "Create the credential, or refer to another one." }
        : Failure.Invalid("reference.no_default_credential", $"No credential is the default of provider '{reference.Provider}'.") with
        {
            Hint = "Name a credential in the reference, or make one the provider's default.",
        };

    /// <param name="kind">Of a refusal: a provider need not know who asks.</param>
    private Result<SecretReference> Parse(ProviderCredential credential, ReferenceSource reference, FailureKind kind)
    {
        if (!SecretReference.TryParse(reference.Secret, out var parsed))
        {
            return Failure.Invalid("reference.secret_invalid", "A secret is written as name, name#key or name#/json/pointer, without control characters.") with { Kind = kind };
        }

        return providers.Find(credential.Provider)?.ValidateAddress(new SecretAddress(parsed.Name, reference.Version)) is { } wrong
            ? wrong with { Kind = kind }
            : parsed;
    }

    internal static Failure OutOfScope(ProviderCredential credential) => Failure.Invalid(
        "reference.out_of_scope", $"Credential '{credential.Name}' is not for this project or automation.") with
    {
        Hint = "Widen the credential's scope, or refer to a credential that is for it.",
    };
}
