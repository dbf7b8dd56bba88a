using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Aws;

/// <summary>Why AWS does not take our token for a role. These rows come first: several codes mean something else elsewhere.</summary>
internal static class WebIdentityFailures
{
    private const string Detail = "AWS does not let us {doing}.";

    public static IReadOnlyList<AwsFailureRow> Rows { get; } =
    [
        Row(["AccessDenied", "AccessDeniedException"], ProviderFailure.TrustRejected,
            "The token carries session tags, and the role's trust policy does not allow them: add sts:TagSession to its Action, beside sts:AssumeRoleWithWebIdentity.",
            "sts:TagSession"),
        Row(["AccessDenied", "AccessDeniedException"], ProviderFailure.TrustRejected,
            "The role's trust policy has another Federated principal than the issuer's provider, or its conditions on aud or sub do not match the token "
            + "(case counts; StringEquals takes no wildcards), or there is no such role. Compare them with: aws iam get-role"),
        Row(["InvalidIdentityToken", "InvalidIdentityTokenException"], ProviderFailure.TrustRejected,
            "The role's account has no IAM identity provider whose URL is exactly the token's issuer: aws iam list-open-id-connect-providers, "
            + "and create it with aws iam create-open-id-connect-provider.",
            "No OpenIDConnect provider found"),
        Row(["InvalidIdentityToken", "InvalidIdentityTokenException"], ProviderFailure.TrustRejected,
            "The token's audience is not among the identity provider's client ids: aws iam add-client-id-to-open-id-connect-provider.",
            "Incorrect token audience"),
        Row(["InvalidIdentityToken", "InvalidIdentityTokenException"], ProviderFailure.TrustRejected,
            "AWS could not fetch the key the token is signed with: the issuer's /.well-known/openid-configuration and its key set must be reachable "
            + "from the internet over https, and name the token's key.",
            "retrieve verification key"),
        Row(["InvalidIdentityToken", "InvalidIdentityTokenException"], ProviderFailure.TrustRejected,
            "AWS does not take the token for a valid one of its issuer: its signature, algorithm (RS256), issuer or times. Check that the issuer's key set is this "
            + "service's own, and the clock."),
        Row(["ExpiredTokenException", "ExpiredToken"], ProviderFailure.TrustRejected,
            "The token was too old when AWS saw it: the clock of the machine this service runs on is off (synchronize it), or the issuer's token lifetime is too short."),
        Row(["IDPCommunicationError", "IDPCommunicationErrorException"], ProviderFailure.Unreachable,
            "AWS could not reach the issuer for a moment, and it is tried again. Where this lasts, check that the issuer answers from the internet, quickly, without a "
            + "firewall or a bot check in between."),
        Row(["IDPRejectedClaim", "IDPRejectedClaimException"], ProviderFailure.TrustRejected,
            "AWS considers the token's claims invalid or revoked. Compare issuer, audience and subject with the identity provider and the role's trust policy."),
        Row(["PackedPolicyTooLarge", "PackedPolicyTooLargeException"], ProviderFailure.InvalidRequest,
            "The session tags in the token are too long together. Choose a coarser subjectScope, or shorten the names of project, environment and automation."),
    ];

    private static AwsFailureRow Row(string[] codes, string failure, string hint, string messageContains = "") =>
        new(codes, failure, Detail, hint) { Operation = WebIdentity.Operation, MessageContains = messageContains };
}
