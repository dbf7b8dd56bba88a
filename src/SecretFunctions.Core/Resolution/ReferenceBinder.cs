using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Resolution;

/// <summary>
/// Turns a reference into the credential and secret it means, and refuses it where the credential's scope does: when it is written and again at
/// every kickoff's plan, before any store is touched. Safe for concurrent use.
/// </summary>
public sealed class ReferenceBinder(CredentialDirectory credentials, ProviderCatalog providers)
{
    /// <summary>For a kickoff.</summary>
    internal async Task<Result<BoundReference>> BindAsync(
        string organizationId, ReferenceSource reference, string? project, string? automation, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(organizationId, reference, cancellationToken)).TryGet(out var credential, out var failure))
        {
            return failure with { Kind = FailureKind.Unresolved };
        }

        return credential.Scope.Permits(project, automation)
            ? Bind(credential, reference, FailureKind.Unresolved)
            : OutOfScope(credential) with { Kind = FailureKind.Unresolved };
    }

    /// <summary>When a variable is written: null where the reference will do.</summary>
    internal async Task<Failure?> CheckAsync(
        string organizationId, ReferenceSource reference, VariableScope scope, Automation? automation, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(organizationId, reference, cancellationToken)).TryGet(out var credential, out var failure))
        {
            return failure;
        }

        return credential.Scope.Serves(scope, automation) ? Bind(credential, reference, FailureKind.Invalid).Failure : OutOfScope(credential);
    }

    private async Task<Result<ProviderCredential>> FindAsync(string organizationId, ReferenceSource reference, CancellationToken cancellationToken)
    {
        if (reference.Credential is { } name)
        {
            return (await credentials.GetAsync(organizationId, name, cancellationToken)).TryGet(out var stored, out var failure)
                ? stored.Document
                : failure with { Kind = FailureKind.Invalid, Hint = "Create the credential, or refer to another one." };
        }

        return await credentials.GetDefaultAsync(organizationId, reference.Provider!, cancellationToken) is { } found
            ? found.Document
            : Failure.Invalid("reference.no_default_credential", $"No credential is the default of provider '{reference.Provider}'.") with
            {
                Hint = "Name a credential in the reference, or make one the provider's default.",
            };
    }

    /// <param name="kind">Of a refusal: a provider need not know who asks.</param>
    private Result<BoundReference> Bind(ProviderCredential credential, ReferenceSource reference, FailureKind kind)
    {
        if (!SecretReference.TryParse(reference.Secret, out var parsed))
        {
            return Failure.Invalid("reference.secret_invalid", "A secret is written as name, name#key or name#/json/pointer, without control characters.") with { Kind = kind };
        }

        var address = new SecretAddress(parsed.Name, reference.Version);
        if (providers.Find(credential.Provider)?.ValidateAddress(address) is { } wrong)
        {
            return wrong with { Kind = kind };
        }

        return new BoundReference(credential, address, parsed.Field?.Value);
    }

    private static Failure OutOfScope(ProviderCredential credential) => Failure.Invalid(
        "reference.out_of_scope", $"Credential '{credential.Name}' is not for this project or automation.") with
    {
        Hint = "Widen the credential's scope, or refer to a credential that is for it.",
    };
}
