using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>What a trusted issuer shall be.</summary>
public sealed record TrustedIssuerInput(
    string Issuer, string Audience, IReadOnlyList<ClaimCondition> Conditions, Principal Principal, string? JwksUri);

/// <summary>The issuers whose tokens let somebody into the organization. Safe for concurrent use.</summary>
public sealed class TrustedIssuers(ResourceStore resources, ITokenVerifier verifier, IssuerAddress own)
{
    /// <summary>All of them are looked at when a token comes.</summary>
    public const int Max = 100;

    public async Task<Result<Stored<TrustedIssuer>>> GetAsync(string organizationId, string name, CancellationToken cancellationToken) =>
        await resources.GetAsync(organizationId, Rows.TrustedIssuer(name), StoredJson.Default.TrustedIssuer, cancellationToken) is { } stored
            ? stored
            : NotFound(name);

    public Task<StoredPage<TrustedIssuer>> ListAsync(string organizationId, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(organizationId, Rows.TrustedIssuerPrefix);
        return resources.Store.ListAsync(range with { From = from ?? range.From }, limit, StoredJson.Default.TrustedIssuer, null, cancellationToken);
    }

    public async Task<Result<Saved<TrustedIssuer>>> PutAsync(
        Caller caller, string name, TrustedIssuerInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        if (TrustedIssuerRules.Check(input, verifier, own) is { } failure)
        {
            return failure;
        }

        var now = resources.Now;
        var by = caller.Principal.ToString();
        return await resources.PutAsync(
            caller,
            Rows.TrustedIssuer(name),
            StoredJson.Default.TrustedIssuer,
            precondition,
            Change.Of("trusted-issuer.put", ("trustedIssuer", name), ("issuer", input.Issuer), ("principal", input.Principal.ToString())),
            async current =>
            {
                if (await CheckGrantAsync(caller, input, cancellationToken) is { } refused)
                {
                    return refused;
                }

                return current is null && (await ListAsync(caller.OrganizationId, Max, null, cancellationToken)).Items.Count >= Max
                    ? Failure.Conflict("trusted_issuer.too_many", $"An organization has at most {Max} trusted issuers.")
                    : new TrustedIssuer(name, input.Issuer, input.Audience, input.Conditions, input.Principal, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
                    {
                        JwksUri = input.JwksUri,
                    };
            },
            cancellationToken);
    }

    public Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, CancellationToken cancellationToken) => resources.DeleteAsync(
        caller,
        Rows.TrustedIssuer(name),
        StoredJson.Default.TrustedIssuer,
        precondition,
        Change.Of("trusted-issuer.delete", ("trustedIssuer", name)),
        NotFound(name),
        cancellationToken);

    /// <summary>As for an API key without any narrowing: whoever writes it could present such a token.</summary>
    private async Task<Failure?> CheckGrantAsync(Caller caller, TrustedIssuerInput input, CancellationToken cancellationToken)
    {
        if (input.Conditions.Any(static condition => condition.HasWildcard) && Authorizer.CheckGrant(caller, Permissions.All, environments: null) is not null)
        {
            return Failure.Denied(
                "trusted_issuer.wildcard_not_allowed", "A '*' lets in whoever the issuer names so, today or later: only an owner, with every permission and in every environment, writes one.");
        }

        if (input.Principal.Type != PrincipalType.Automation)
        {
            return Describe(Authorizer.CheckGrant(caller, Permissions.All, environments: null));
        }

        if (await PrincipalAccess.FindAsync(resources.Store, caller.OrganizationId, input.Principal, cancellationToken) is null)
        {
            return Failure.Invalid("automation.not_found", $"There is no automation '{input.Principal.Name}'.");
        }

        return Authorizer.Check(caller, new Demand(Feature.SecretValues, Level.View), null) ?? Describe(Authorizer.CheckGrant(caller, Permissions.None, environments: null));
    }

    private static Failure? Describe(Failure? failure) => failure is null
        ? null
        : failure with { Detail = "A trusted issuer cannot let anybody do more, or in more environments, than its writer may." };

    private static Failure NotFound(string name) => Failure.NotFound("trusted_issuer.not_found", $"There is no trusted issuer '{name}'.");
}
