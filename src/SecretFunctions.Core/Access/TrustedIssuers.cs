using SecretFunctions.Core.Automations;
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

    private static readonly Demand View = new(Feature.ApiKeys, Level.View);
    private static readonly Demand Manage = new(Feature.ApiKeys, Level.Manage);

    /// <summary>To look at. What is out of the caller's reach is not there.</summary>
    public Task<Result<Stored<TrustedIssuer>>> GetAsync(Caller caller, string name, CancellationToken cancellationToken) => FindAsync(caller, View, name, cancellationToken);

    public async Task<StoredPage<TrustedIssuer>> ListAsync(Caller caller, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(caller.OrganizationId, Rows.TrustedIssuerPrefix);
        var projects = await AutomationProjects.ForAsync(resources.Store, caller, View, cancellationToken);
        return await resources.Store.ListAsync(
            range with { From = from ?? range.From },
            limit,
            StoredJson.Default.TrustedIssuer,
            issuer => Authorizer.Allows(caller, View, PlaceOf(issuer, projects)),
            cancellationToken);
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
                if (current is not null && await CheckCurrentAsync(caller, current, cancellationToken) is { } denied)
                {
                    return denied;
                }

                if (!(await AuthorizeAsync(caller, input, cancellationToken)).TryGet(out var access, out var refused))
                {
                    return refused;
                }

                return await CheckOthersAsync(caller, name, input, current is null, cancellationToken) is { } inTheWay
                    ? inTheWay
                    : new TrustedIssuer(name, input.Issuer, input.Audience, input.Conditions, input.Principal, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
                    {
                        JwksUri = input.JwksUri,
                        MemberId = access.MemberId,
                        AutomationId = access.AutomationId,
                        LentBy = await Loans.OfMakerAsync(resources, caller, input.Principal, Grant.Everything, cancellationToken),
                    };
            },
            cancellationToken);
    }

    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, CancellationToken cancellationToken) =>
        (await FindAsync(caller, Manage, name, cancellationToken)).Failure
        ?? await resources.DeleteAsync(
            caller,
            Rows.TrustedIssuer(name),
            StoredJson.Default.TrustedIssuer,
            precondition,
            Change.Of("trusted-issuer.delete", ("trustedIssuer", name)),
            NotFound(name),
            cancellationToken);

    /// <summary>From then on its tokens open what is personal of the member who calls. Until somebody writes it anew, or they take it back.</summary>
    public Task<Failure?> LendAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        ShiftLoanAsync(caller, name, "trusted-issuer.lend", Loans.Lend, cancellationToken);

    public Task<Failure?> TakeBackAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        ShiftLoanAsync(caller, name, "trusted-issuer.take-back", Loans.TakeBack, cancellationToken);

    private async Task<Failure?> ShiftLoanAsync(
        Caller caller, string name, string action, Func<Caller, Principal, Grant, Person?, Result<Person?>> shift, CancellationToken cancellationToken)
    {
        if (Authorizer.CheckOwnCredential(caller) is { } notOwn)
        {
            return notOwn;
        }

        return (await resources.PutAsync(
            caller,
            Rows.TrustedIssuer(name),
            StoredJson.Default.TrustedIssuer,
            Precondition.None,
            Change.Of(action, ("trustedIssuer", name)),
            current => ValueTask.FromResult<Result<TrustedIssuer>>(
                current is null ? NotFound(name)
                : shift(caller, current.Principal, Grant.Everything, current.LentBy).TryGet(out var lentBy, out var failure) ? current with { LentBy = lentBy }
                : failure),
            cancellationToken)).Failure;
    }

    private async Task<Result<Stored<TrustedIssuer>>> FindAsync(Caller caller, Demand demand, string name, CancellationToken cancellationToken) =>
        await resources.GetAsync(caller.OrganizationId, Rows.TrustedIssuer(name), StoredJson.Default.TrustedIssuer, cancellationToken) is { } stored
        && await ReachesAsync(caller, demand, stored.Document, cancellationToken)
            ? stored
            : NotFound(name);

    private async Task<bool> ReachesAsync(Caller caller, Demand demand, TrustedIssuer issuer, CancellationToken cancellationToken) =>
        Authorizer.Allows(caller, demand, PlaceOf(issuer, await AutomationProjects.ForAsync(resources.Store, caller, demand, cancellationToken)));

    /// <summary>One for an automation belongs to its project, one for a member to the organization; all of them are good in every environment.</summary>
    private static Place PlaceOf(TrustedIssuer issuer, AutomationProjects projects) =>
        new(issuer.Principal.Type == PrincipalType.Automation ? projects.PlaceOf(issuer.Principal.Name) : null, []);

    /// <summary>Whoever writes over one that lets somebody in takes that from them, so holds what they may. To delete it, which closes a door, nobody has to.</summary>
    private async Task<Failure?> CheckCurrentAsync(Caller caller, TrustedIssuer current, CancellationToken cancellationToken) =>
        !await ReachesAsync(caller, Manage, current, cancellationToken) ? NotFound(current.Name)
        : await PrincipalAccess.FindAsync(resources.Store, caller.OrganizationId, current.Principal, cancellationToken) is { } access && access.Is(current.MemberId, current.AutomationId)
            ? Describe(Authorizer.CheckGrant(caller, access.Grants))
        : null;

    /// <summary>
    /// A token that fits trusted issuers of two principals is nobody's. So what one project writes may not fit tokens that are meant for what is out of its
    /// reach, or it would lock everybody else out; nor may it take all the room.
    /// </summary>
    private async Task<Failure?> CheckOthersAsync(Caller caller, string name, TrustedIssuerInput input, bool isNew, CancellationToken cancellationToken)
    {
        var all = await resources.Store.ListAsync(
            EntityRange.Prefix(caller.OrganizationId, Rows.TrustedIssuerPrefix), Max, StoredJson.Default.TrustedIssuer, null, cancellationToken);
        var projects = await AutomationProjects.ForAsync(resources.Store, caller, Manage, cancellationToken);
        if (all.Items.Select(static item => item.Document).Any(
            other => other.Name != name && other.Issuer == input.Issuer && other.Audience == input.Audience && !Authorizer.Allows(caller, Manage, PlaceOf(other, projects))))
        {
            return Failure.Denied("trusted_issuer.audience_taken", "Tokens of this issuer and audience are trusted for somebody out of your reach already, and a token must not fit both.") with
            {
                Hint = "Use an audience of your project's own, or have it written by who manages API keys of the organization as a whole.",
            };
        }

        var room = Authorizer.AllowsEverywhere(caller, Manage) ? Max : Max / 2;
        return isNew && all.Items.Count >= room
            ? Failure.Conflict("trusted_issuer.too_many", $"An organization has at most {Max} trusted issuers, of which the last {Max / 2} are written by who manages API keys of the organization as a whole.")
            : null;
    }

    /// <summary>As for an API key without any narrowing: whoever writes it could present such a token.</summary>
    private async Task<Result<PrincipalAccess>> AuthorizeAsync(Caller caller, TrustedIssuerInput input, CancellationToken cancellationToken)
    {
        if (input.Conditions.Any(static condition => condition.HasWildcard) && Authorizer.CheckGrant(caller, [Grant.Everything]) is not null)
        {
            return Failure.Denied(
                "trusted_issuer.wildcard_not_allowed", "A '*' lets in whoever the issuer names so, today or later: only an owner, with every permission and in every environment, writes one.");
        }

        if (input.Principal.Type == PrincipalType.Automation)
        {
            return (await AutomationEntry.CheckAsync(resources, caller, input.Principal.Name, null, cancellationToken)).TryGet(out var automation, out var refused)
                ? PrincipalAccess.Of(automation)
                : refused;
        }

        if (Authorizer.Check(caller, Manage, new Place(null, null)) is { } denied)
        {
            return denied;
        }

        if (await PrincipalAccess.FindAsync(resources.Store, caller.OrganizationId, input.Principal, cancellationToken) is not { } access)
        {
            return Members.NotFound(input.Principal.Name) with { Kind = FailureKind.Invalid };
        }

        return Describe(Authorizer.CheckGrant(caller, access.Grants)) is { } tooMuch ? tooMuch : access;
    }

    private static Failure? Describe(Failure? failure) => failure is null
        ? null
        : failure with { Detail = "A trusted issuer cannot let anybody do more, or in more environments, than its writer may." };

    private static Failure NotFound(string name) => Failure.NotFound("trusted_issuer.not_found", $"There is no trusted issuer '{name}'.");
}
