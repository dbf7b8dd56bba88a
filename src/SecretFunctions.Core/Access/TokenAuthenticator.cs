using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>Whom a trusted issuer stands for, before it is known which of its tokens was presented.</summary>
/// <param name="Claim">Of the member, where it is one.</param>
internal sealed record TokenHolder(Caller Caller, PersonalIdentity? Claim, Person? Lender);

/// <summary>
/// Recognizes whoever presents a token of an issuer that the organization trusts. On a warm instance that costs one signature check and no I/O.
/// Safe for concurrent use.
/// </summary>
/// <remarks>
/// What a token says before its signature is checked decides one thing: with whose keys to check it, among issuers an admin wrote down. Nothing
/// is asked of any other. The trusted issuers hang on the organization's view, so that a change reaches every instance within the window.
/// </remarks>
public sealed class TokenAuthenticator(
    IEntityStore store, OrganizationViews views, OrganizationDirectory organizations, ITokenVerifier verifier, IssuerAddress own)
{
    internal const string WrongAudience = "auth.token_audience";
    internal const string WrongClaim = "auth.token_claim";

    private const int MaxIssuerLength = TrustedIssuerRules.MaxAddressLength;
    private const int MaxEntries = 20;
    private const int MaxNameLength = 256;

    private static readonly Failure Malformed = Refused(
        "auth.token_malformed", "The token is not a signed JWT: three parts in base64url, of which the first two are JSON objects in which no name occurs twice, and the second names an issuer.");

    private static readonly Failure OwnToken = Refused(
        "auth.token_is_own", "This service made the token, for somebody else to accept: here it opens nothing. Present the token of the platform you run on, or an API key.");

    private static readonly Failure Untrusted = Refused(
        "auth.issuer_not_trusted", "The organization trusts no issuer of this token's name. A token is for the organization 'default' unless X-Organization names another.") with
    {
        Hint = "Compare the token's 'iss', to the letter, with GET /v1/trusted-issuers of the organization it shall open.",
    };

    private static readonly Failure Ambiguous = Refused(
        "auth.token_ambiguous", "The token fits trusted issuers that stand for different principals, so it is nobody's. Narrow their conditions until one is left.");

    // By name. An organization's id changes only where it was destroyed and made again, and then the old id has no view.
    private readonly ConcurrentDictionary<string, string> _ids = new(StringComparer.Ordinal);

    /// <param name="organization">By name: a token says nothing of it.</param>
    public async Task<Result<Session>> AuthenticateAsync(string token, string organization, CancellationToken cancellationToken)
    {
        if (CompactToken.TryParse(token) is not { } parsed || IssuerOf(parsed) is not { } issuer)
        {
            return Malformed;
        }

        if (own.Is(issuer))
        {
            return OwnToken;
        }

        // To whom is not known yet, whether there is such an organization is nothing to tell.
        if (await FindViewAsync(organization, cancellationToken) is not { } view)
        {
            return Untrusted;
        }

        var candidates = (await ListAsync(view, cancellationToken)).Where(candidate => candidate.Issuer == issuer).ToList();
        return candidates.Count == 0 ? Untrusted : await AdmitAsync(token, candidates, view, cancellationToken);
    }

    private async Task<Result<Session>> AdmitAsync(string token, List<TrustedIssuer> candidates, OrganizationView view, CancellationToken cancellationToken)
    {
        // Nearly always one: the same issuer with its keys in two places is two questions.
        var answers = await Task.WhenAll(candidates.GroupBy(static candidate => candidate.JwksUri).Select(group => CheckAsync(token, [.. group], cancellationToken)));
        var matches = answers.SelectMany(static answer => answer.Matches).ToList();
        if (matches.Count == 0)
        {
            // Rather the one that may pass by itself.
            var failures = answers.Select(static answer => answer.Failure!).ToList();
            return failures.Find(static failure => failure.Kind == FailureKind.Unavailable) ?? failures[0];
        }

        if (matches.DistinctBy(static match => match.Issuer.Principal).Count() > 1)
        {
            return Ambiguous;
        }

        var (trusted, verified) = matches.MinBy(static match => match.Issuer.Name, StringComparer.Ordinal);
        return await FindHolderAsync(trusted, view, cancellationToken) is { } caller
            ? new Session(Personalize(caller, trusted, verified), view)
            : Refused("auth.principal_gone", $"Trusted issuer '{trusted.Name}' stands for a member or an automation that does not exist any more.");
    }

    /// <summary>Which of the trusted issuers, all of one name and with the same keys, let the token in; or why none does.</summary>
    private async Task<Answer> CheckAsync(string token, TrustedIssuer[] candidates, CancellationToken cancellationToken)
    {
        var trust = new TokenTrust([candidates[0].Issuer], [.. candidates.Select(static candidate => candidate.Audience).Distinct()])
        {
            KeysAddress = candidates[0].KeysAddress,
            Algorithms = TokenTrust.ForeignAlgorithms,
        };
        if (!(await verifier.VerifyAsync(token, trust, cancellationToken)).TryGet(out var verified, out var failure))
        {
            var names = string.Join(", ", candidates.Take(MaxEntries).Select(static candidate => $"'{candidate.Name}'"));
            return new Answer([], failure with { Code = CodeOf(failure), Detail = $"{failure.Detail} Trusted issuer: {names}." });
        }

        var checks = candidates.Select(candidate => (Issuer: candidate, Errors: candidate.Check(verified))).ToList();
        var matches = checks.Where(static check => check.Errors is null).Select(check => (check.Issuer, verified)).ToList();
        return matches.Count > 0 ? new Answer(matches, null) : new Answer([], Mismatch([.. checks.SelectMany(static check => check.Errors!).Take(MaxEntries)]));
    }

    private static Failure Mismatch(IReadOnlyList<FailureEntry> errors) => errors.All(static error => error.Code == WrongAudience)
        ? Refused(WrongAudience, errors[0].Detail) with { Errors = errors }
        : Refused(WrongClaim, "The token is genuine, but no trusted issuer's conditions let it in: 'errors' names the claims that differ.") with { Errors = errors };

    /// <summary>The verifier's codes are about any token; these are about one that was to open the API.</summary>
    private static string CodeOf(Failure failure) =>
        failure.Kind == FailureKind.Unavailable ? "auth.keys_unavailable" : failure.Code.Replace("token.", "auth.token_", StringComparison.Ordinal);

    /// <summary>A trusted issuer may let in many, so which of them this is decides what is personal.</summary>
    private static Caller Personalize(TokenHolder holder, TrustedIssuer trusted, VerifiedToken verified)
    {
        var identity = verified.Text("sub") is { Length: > 0 } subject ? new TokenIdentity(trusted.Issuer, trusted.JwksUri, trusted.Audience, subject) : null;
        var personal = PersonalStanding.Of(holder.Caller.Person, holder.Claim, holder.Lender, null, identity);
        return holder.Caller with
        {
            Token = new PresentedToken(trusted.Name, Clean(verified, "sub"), Clean(verified, "jti")),
            Identity = identity,
            Opens = personal.Opens,
            IsPersonalUnclaimed = personal.IsUnclaimed,
        };
    }

    private async Task<TokenHolder?> FindHolderAsync(TrustedIssuer trusted, OrganizationView view, CancellationToken cancellationToken)
    {
        if (view.TokenHolders.TryGetValue(trusted.Name, out var known))
        {
            return known;
        }

        return await PrincipalAccess.FindAsync(store, view.Organization.Id, trusted.Principal, cancellationToken) is { } access && access.Is(trusted.MemberId, trusted.AutomationId)
            ? view.TokenHolders.GetOrAdd(trusted.Name, new TokenHolder(
                new Caller(view.Organization.Id, view.Organization.Name, trusted.Principal, access.Grants) { MemberId = access.MemberId },
                access.Claim,
                await PrincipalAccess.FindLenderAsync(store, view.Organization.Id, trusted.LentBy, cancellationToken)))
            : null;
    }

    private async Task<IReadOnlyList<TrustedIssuer>> ListAsync(OrganizationView view, CancellationToken cancellationToken)
    {
        if (view.TrustedIssuers is { } known)
        {
            return known;
        }

        var range = EntityRange.Prefix(view.Organization.Id, Rows.TrustedIssuerPrefix);
        var page = await store.ListAsync(range, TrustedIssuers.Max, StoredJson.Default.TrustedIssuer, null, cancellationToken);
        return view.TrustedIssuers = [.. page.Items.Select(static item => item.Document)];
    }

    private async ValueTask<OrganizationView?> FindViewAsync(string name, CancellationToken cancellationToken)
    {
        if (_ids.TryGetValue(name, out var known) && await views.GetAsync(known, cancellationToken) is { } view)
        {
            return view;
        }

        if (await organizations.FindIdAsync(name, cancellationToken) is not { } id)
        {
            _ids.TryRemove(name, out _);
            return null;
        }

        _ids[name] = id;
        return await views.GetAsync(id, cancellationToken);
    }

    private static string? IssuerOf(CompactToken token) =>
        token.Claims.TryGetProperty("iss", out var claim) && claim.ValueKind == JsonValueKind.String && claim.GetString() is { Length: > 0 and <= MaxIssuerLength } issuer
            ? issuer
            : null;

    /// <summary>As the audit log takes it: short, and nothing that a terminal or a page would act on.</summary>
    private static string? Clean(VerifiedToken token, string claim) => token.Text(claim) is { } text
        ? string.Concat(text.EnumerateRunes().Take(MaxNameLength).Select(static rune => IsPlain(rune) ? rune.ToString() : "\uFFFD"))
        : null;

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static Failure Refused(string code, string detail) => new(FailureKind.Unauthenticated, code, detail);

    /// <param name="Failure">Where nothing matches.</param>
    private sealed record Answer(IReadOnlyList<(TrustedIssuer Issuer, VerifiedToken Token)> Matches, Failure? Failure);
}
