using System.Text.RegularExpressions;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Conjur;

/// <summary>What Conjur's refusals mean. It answers most of them with an empty body; the reason is only in its own log.</summary>
internal static partial class ConjurFailures
{
    private const string Store = "Conjur";

    private static readonly FailureRow TokenRefused = new(401, ProviderFailure.AuthenticationFailed,
        "Conjur refuses a token that it has just issued. Check that the address leads to one cluster, that its clocks agree, and that account is right.");

    private static readonly FailureRow BadParameter = new(422, ProviderFailure.InvalidRequest,
        "Conjur does not take the id, the version or a limit. Versions are whole numbers; the id is written without \"account:variable:\".");

    public static readonly FailureTable Login = new(Store,
    [
        new(401, ProviderFailure.AuthenticationFailed,
            "Login or API key is wrong, the host or account does not exist, or the authn authenticator is not enabled; Conjur's log says which. A host's login starts with host/. Rotate the key: conjur host rotate-api-key -i ID."),
        new(403, ProviderFailure.AuthenticationFailed,
            "The identity is known and may not log in from here: check its restricted_to networks, and that it may authenticate at this authenticator."),
        new(404, ProviderFailure.InvalidRequest,
            "There is no Conjur API at this address. The SaaS has its under /api: https://TENANT.secretsmgr.cyberark.cloud/api."),
        BadParameter,
    ]);

    /// <summary>Logins at the JWT authenticator. Conjur gives no reason to anybody whom it does not know.</summary>
    public static readonly FailureTable JwtLogin = new(Store,
    [
        new(401, ProviderFailure.TrustRejected,
            "The authenticator authn-jwt/SERVICE is not enabled (CONJUR_AUTHENTICATORS) or not there; its issuer, audience or keys (jwks-uri, provider-uri) are not those of the token; the token has ended "
            + "(compare the clocks); or there is no host of that name under identity-path for the claim in token-app-property, or its annotations demand other claims. Conjur's log says which: look for CONJ000."),
        new(403, ProviderFailure.TrustRejected,
            "The host is known and may not authenticate there: permit it (or its group) to authenticate on the webservice conjur/authn-jwt/SERVICE, and check its restricted_to networks."),
        new(404, ProviderFailure.TrustRejected,
            "There is no JWT authenticator of that name, or no Conjur API at this address. Check serviceId; the SaaS has its API under /api: https://TENANT.secretsmgr.cyberark.cloud/api."),
        BadParameter,
    ]);

    public static readonly FailureTable Identity = new(Store, [TokenRefused]);

    public static readonly FailureTable Read = new(Store,
    [
        TokenRefused,
        new(403, ProviderFailure.PermissionDenied, "The identity lacks the execute privilege on the variable. Grant it in policy: !permit, privileges [ read, execute ]."),
        new(404, ProviderFailure.SecretNotFound,
            "There is no such variable, the identity may not see it, or no value was ever stored in it; Conjur does not tell which. Check the id, grant read and execute, and set a value."),
        BadParameter,
    ]);

    public static readonly FailureTable ReadVersion = new(Store,
    [
        TokenRefused,
        new(403, ProviderFailure.PermissionDenied, "The identity lacks the execute privilege on the variable. Grant it in policy: !permit, privileges [ read, execute ]."),
        new(404, ProviderFailure.VersionNotFound,
            "The variable has no such version (the last 20 are kept), or there is no such variable, or the identity may not see it. Pin another version, or none."),
        BadParameter,
    ]);

    /// <summary>All or nothing: the caller reads singly what a batch refused, and then learns which it was.</summary>
    public static readonly FailureTable Batch = new(Store,
    [
        TokenRefused,
        new(403, ProviderFailure.PermissionDenied, "The identity lacks the execute privilege on at least one variable of a batch. Grant it in policy."),
        new(404, ProviderFailure.SecretNotFound, "At least one variable of a batch is not there, not visible, or has no value yet."),
        new(406, ProviderFailure.NotText, "A variable of a batch is not text, and something between us and Conjur removed our Accept-Encoding: base64."),
        BadParameter,
    ]);

    public static readonly FailureTable Metadata = new(Store,
    [
        TokenRefused,
        new(403, ProviderFailure.PermissionDenied, "The identity may not see the variable's versions. Grant it the read privilege on the variable."),
        new(404, ProviderFailure.SecretNotFound,
            "There is no such variable, or the identity may not see it. Check the id, and grant read and execute."),
        BadParameter,
    ]);

    public static readonly FailureTable List = new(Store,
    [
        TokenRefused,
        new(403, ProviderFailure.PermissionDenied, "The identity may not list resources. Reading works without; only autocomplete does not."),
        new(422, ProviderFailure.InvalidRequest,
            "The server allows only shorter listings than 1000 (API_RESOURCE_LIST_LIMIT_MAX). Reading works without; only autocomplete does not."),
    ]);

    public static Failure Explain(FailureTable table, string what, StoreAnswer answer)
    {
        using var document = answer.TryParse();
        var code = document is null ? null : document.RootElement.At("error", "code").AsText();
        return table.Explain(what, answer, providerCode: code is not null && Code().IsMatch(code) ? code : null);
    }

    /// <summary>What Conjur's codes look like. Anything else in that place is not Conjur's, and could be anything.</summary>
    [GeneratedRegex("^[a-z_]{1,40}$")]
    private static partial Regex Code();
}
