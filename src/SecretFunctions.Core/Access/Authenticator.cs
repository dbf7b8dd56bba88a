using System.Net;
using System.Security.Cryptography;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>A recognized caller, and the organization as of now.</summary>
public sealed record Session(Caller Caller, OrganizationView View);

/// <summary>A key that was found: what to compare with, and whom it stands for.</summary>
internal sealed record KeyHolder(byte[] SecretHash, Session Session);

/// <summary>
/// Recognizes whoever calls, from the token they present. On a warm instance a key costs one SHA-256 and no I/O.
/// Safe for concurrent use.
/// </summary>
public sealed class Authenticator(
    IEntityStore store,
    OrganizationViews views,
    OrganizationDirectory organizations,
    OperatorKeys operators,
    TokenAuthenticator tokens,
    AuthenticationFailures failures,
    TimeProvider time)
{
    // One answer for every wrong token: nobody learns how close they came.
    private static readonly Failure Unrecognized =
        new(FailureKind.Unauthenticated, "auth.invalid", "The API key is not valid: it was mistyped, revoked, or belongs to another deployment.");

    /// <param name="token">After <c>Bearer</c>.</param>
    /// <param name="organization">From <c>X-Organization</c>; null takes the key's own, for the operator and for tokens the default one.</param>
    /// <param name="address">Whence it comes; null where that is not known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Result<Session>> AuthenticateAsync(string token, string? organization, IPAddress? address, CancellationToken cancellationToken)
    {
        var result = await RecognizeAsync(token, organization, address, cancellationToken);
        return result.Failure is { Kind: FailureKind.Unauthenticated } failure
            ? failures.Slow(failure, ApiKeyText.TryParse(token, out var key) && !key.Id.IsEmpty ? key.Id.ToString() : null, address)
            : result;
    }

    private ValueTask<Result<Session>> RecognizeAsync(string token, string? organization, IPAddress? address, CancellationToken cancellationToken)
    {
        if (!token.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) && CompactToken.IsMeant(token))
        {
            return new ValueTask<Result<Session>>(tokens.AuthenticateAsync(token, organization ?? Deployment.DefaultOrganization, cancellationToken));
        }

        if (!ApiKeyText.TryParse(token, out var key))
        {
            return ValueTask.FromResult<Result<Session>>(Unrecognized);
        }

        if (key.Id.IsEmpty)
        {
            return key.IsRandom
                ? AuthenticateOperatorAsync(token, organization, cancellationToken)
                : AuthenticateMadeUpAsync(token, organization, address, cancellationToken);
        }

        var id = key.Id.ToString();
        var hash = new byte[SHA256.HashSizeInBytes];
        key.HashSecret(hash);
        return AuthenticateKeyAsync(token, id, hash, organization, cancellationToken);
    }

    private async ValueTask<Result<Session>> AuthenticateKeyAsync(
        string token, string id, byte[] hash, string? organization, CancellationToken cancellationToken)
    {
        if (await views.GetAsync(ApiKeyText.OrganizationIdOf(id), cancellationToken) is not { } view)
        {
            // Also the form of the operator's own key, which belongs to no organization.
            return await AuthenticateOperatorAsync(token, organization, cancellationToken);
        }

        if (!view.KeyHolders.TryGetValue(id, out var holder))
        {
            if (!await view.ApiKeys.MayExistAsync(id, cancellationToken))
            {
                return Unrecognized;
            }

            var stored = await store.GetAsync(view.Organization.Id, Rows.ApiKey(id), StoredJson.Default.ApiKey, cancellationToken);
            if (stored is null)
            {
                view.ApiKeys.Missed();
                return Unrecognized;
            }

            if (await GetCallerAsync(view, stored.Document, cancellationToken) is not { } caller)
            {
                return Unrecognized;
            }

            holder = new KeyHolder(stored.Document.SecretHash, new Session(caller, view));
            view.KeyHolders.TryAdd(id, holder);
        }

        return Admit(holder, hash, organization);
    }

    private Result<Session> Admit(KeyHolder holder, byte[] hash, string? organization)
    {
        if (!CryptographicOperations.FixedTimeEquals(holder.SecretHash, hash))
        {
            return Unrecognized;
        }

        if (holder.Session.Caller.KeyExpiresAt is { } expiresAt && expiresAt <= time.GetUtcNow())
        {
            return new Failure(FailureKind.Unauthenticated, "auth.expired", "The API key has expired. Make a new one.");
        }

        return organization is null || organization == holder.Session.Caller.OrganizationName
            ? holder.Session
            : NoSuchOrganization;
    }

    /// <summary>A key that a person may have made up, and another guess: only so many are compared.</summary>
    private async ValueTask<Result<Session>> AuthenticateMadeUpAsync(string token, string? organization, IPAddress? address, CancellationToken cancellationToken)
    {
        if (failures.Guess(address) is { } tooMany)
        {
            return tooMany;
        }

        var isWrong = false;
        try
        {
            var result = await AuthenticateOperatorAsync(token, organization, cancellationToken);
            isWrong = result.Failure?.Kind == FailureKind.Unauthenticated;
            return result;
        }
        finally
        {
            // Right, or not compared since the store is away or the caller left: nothing was learned.
            if (!isWrong)
            {
                failures.WasNoGuess(address);
            }
        }
    }

    private async ValueTask<Result<Session>> AuthenticateOperatorAsync(string token, string? organization, CancellationToken cancellationToken)
    {
        if (!await operators.IsOperatorAsync(token, cancellationToken))
        {
            return Unrecognized;
        }

        var name = organization ?? Deployment.DefaultOrganization;
        var id = await organizations.FindIdAsync(name, cancellationToken);
        return id is not null && await views.GetAsync(id, cancellationToken) is { } view
            ? new Session(new Caller(id, name, Principal.Operator, Permissions.All), view)
            : NoSuchOrganization;
    }

    private async Task<Caller?> GetCallerAsync(OrganizationView view, ApiKey key, CancellationToken cancellationToken)
    {
        if (key.ToNarrowing() is not { } narrowing
            || await PrincipalAccess.FindAsync(store, view.Organization.Id, key.Principal, cancellationToken) is not { } access
            || !access.Is(key.MemberId, key.AutomationId))
        {
            return null;
        }

        // A service has what its key says. Nothing narrows an automation but its environments: it can do one thing, or nothing.
        IReadOnlyList<Grant> grants = key.Principal.Type == PrincipalType.Service ? [narrowing] : [.. access.Grants.Select(grant => grant.Narrow(narrowing)).OfType<Grant>()];
        var lender = await PrincipalAccess.FindLenderAsync(store, view.Organization.Id, key.LentBy, cancellationToken);
        var member = access.MemberId is { } memberId ? new Person(key.Principal.Name, memberId) : (Person?)null;
        var personal = PersonalStanding.Of(member, access.Claim, lender, key.Id, null);
        return new Caller(view.Organization.Id, view.Organization.Name, key.Principal, grants)
        {
            KeyId = key.Id,
            KeyExpiresAt = key.ExpiresAt,
            MemberId = access.MemberId,
            Opens = personal.Opens,
            IsPersonalUnclaimed = personal.IsUnclaimed,
            Narrowing = narrowing,
        };
    }

    private static Failure NoSuchOrganization { get; } =
        Failure.NotFound("organization.not_found", "There is no such organization, or this key does not belong to it.");
}
