using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Aws;

/// <param name="Codes">AWS's, in the spellings of both protocols.</param>
/// <param name="Failure">Ours.</param>
/// <param name="Detail">What happened. <c>{doing}</c>, <c>{action}</c> and <c>{region}</c> are filled in.</param>
/// <param name="Hint">Likely cause and remedy; filled in likewise.</param>
internal sealed record AwsFailureRow(string[] Codes, string Failure, string Detail, string Hint)
{
    /// <summary>Only for this operation; null for all.</summary>
    public string? Operation { get; init; }

    /// <summary>Only where AWS's message has this in it. AWS has one code for several things; its wording is all that tells them apart.</summary>
    public string MessageContains { get; init; } = "";
}

/// <summary>Every refusal we know. The first row that fits holds, so the special ones come before the general.</summary>
internal static class AwsFailureTable
{
    public const string ThrottledDetail = "AWS throttles us: too many requests to {doing} in {region}.";
    public const string ThrottledHint = "The limit is per AWS account and region and shared with everything else there. Raise cacheTtlSeconds, or ask AWS for a higher quota.";
    public const string BrokenDetail = "AWS could not {doing} in {region}: it has a problem of its own.";
    public const string BrokenHint = "This passes; see https://health.aws.amazon.com for the region. staleIfErrorSeconds bridges such outages.";

    private static readonly string[] WrongSignature = ["InvalidSignatureException", "SignatureDoesNotMatch"];

    private const string ClockDetail = "AWS refused to {doing} in {region}: the time we signed with is too far from its own.";
    private const string ClockHint = "The clock of the machine this service runs on is more than 5 minutes off; synchronize it (NTP).";

    public static IReadOnlyList<AwsFailureRow> Rows { get; } =
    [
        .. WebIdentityFailures.Rows,

        // Who we are.
        new(["InvalidClientTokenId", "UnrecognizedClientException"], ProviderFailure.AuthenticationFailed,
            "AWS does not know the access key.",
            "The access key id is mistyped, deactivated or deleted, belongs to another partition than {region} (China, GovCloud), or its "
            + "session token does not belong to it. Check with: aws sts get-caller-identity"),
        new(WrongSignature, ProviderFailure.AuthenticationFailed, ClockDetail, ClockHint) { MessageContains = "Signature expired" },
        new(WrongSignature, ProviderFailure.AuthenticationFailed, ClockDetail, ClockHint) { MessageContains = "Signature not yet current" },
        new(["RequestTimeTooSkewed", "RequestExpired"], ProviderFailure.AuthenticationFailed, ClockDetail, ClockHint),
        new([.. WrongSignature, "IncompleteSignature", "IncompleteSignatureException"], ProviderFailure.AuthenticationFailed,
            "AWS does not accept the signature: the secret access key does not belong to the access key id.",
            "The secret access key is mistyped or cut off, or was replaced. Enter both again; a lost secret cannot be shown, so create a new key: "
            + "aws iam create-access-key"),
        new(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"], ProviderFailure.AuthenticationFailed,
            "The session these keys belong to has expired.",
            "Temporary keys (with a session token) end after hours. Use a user's long-lived key, or better a role."),
        new(["MissingAuthenticationToken", "MissingAuthenticationTokenException"], ProviderFailure.AuthenticationFailed,
            "AWS saw no signature on the request to {doing}.",
            "Something between removes the Authorization header (a proxy)."),
        new(["OptInRequired", "RegionDisabledException"], ProviderFailure.AuthenticationFailed,
            "The AWS account cannot use {region}.",
            "Enable the region in the account (aws account enable-region), or use another. An account that is not fully set up or is suspended looks the same."),

        // What we may do.
        new(["AccessDenied", "AccessDeniedException"], ProviderFailure.TrustRejected,
            "AWS does not let us {doing}.",
            "Either the role's trust policy does not name this identity or demands another external id, or the identity lacks {action} on the "
            + "role, or the role does not exist. Compare aws iam get-role with roleArn and externalId.") { Operation = "AssumeRole" },
        new(["AccessDeniedException"], ProviderFailure.PermissionDenied,
            "AWS does not let us {doing} in {region}: the KMS key that encrypts it refuses us.",
            "The secret has a customer managed key. Grant kms:Decrypt on it to this identity, and let the key's policy allow it too.")
        { MessageContains = "Access to KMS is not allowed" },
        new(["AccessDenied", "AccessDeniedException"], ProviderFailure.PermissionDenied,
            "AWS does not let us {doing} in {region}.",
            "Grant {action} on it to this identity; the secret's resource policy and the organization's policies must not deny it. A secret that "
            + "does not exist, or is in another account or region, can look the same."),

        // What is there.
        new(["ResourceNotFoundException"], ProviderFailure.VersionNotFound,
            "There is no such version to {doing} in {region}.",
            "The pinned version or stage does not exist (any more): versions without a stage are removed in time. Without a pin: the secret has no value "
            + "yet. Check with: aws secretsmanager list-secret-version-ids")
        { MessageContains = "secret value for" },
        new(["ResourceNotFoundException"], ProviderFailure.SecretNotFound,
            "There is no such secret to {doing} in {region}.",
            "Check the name (it is case sensitive), the region and the account. A secret of another account needs its full ARN; an ARN needs its "
            + "suffix of six characters where the name itself ends in one."),
        new(["InvalidRequestException"], ProviderFailure.SecretDisabled,
            "AWS refuses to {doing} in {region}: it is scheduled for deletion.",
            "Restore it (aws secretsmanager restore-secret), or remove the references to it.") { MessageContains = "marked for deletion" },
        new(["InvalidRequestException"], ProviderFailure.SecretDisabled,
            "AWS refuses to {doing} in {region}: it is deleted.",
            "Restore it (aws secretsmanager restore-secret), or remove the references to it.") { MessageContains = "was deleted" },
        new(["DecryptionFailure"], ProviderFailure.SecretDisabled,
            "AWS cannot decrypt what we wanted to {doing} in {region}.",
            "The KMS key of the secret is disabled, scheduled for deletion or deleted. Enable it (aws kms enable-key), or store the value anew under another key."),

        // What we asked.
        new(["InvalidNextTokenException"], ProviderFailure.InvalidRequest,
            "AWS did not accept where to go on with the listing.", "Start the listing again."),
        new(["InvalidRequestException", "InvalidParameterException", "InvalidParameterValue", "ValidationException", "ValidationError",
                "MalformedPolicyDocument", "PackedPolicyTooLarge", "UnknownOperationException"], ProviderFailure.InvalidRequest,
            "AWS does not accept the request to {doing} in {region} as it is.",
            "Check the secret's name, version, role ARN and external id for typing errors, and that the ARN is of this region."),

        // How AWS is.
        new(["ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException", "TooManyRequestsException",
                "RequestLimitExceeded", "SlowDown"], ProviderFailure.Throttled, ThrottledDetail, ThrottledHint),
        new(["InternalServiceError", "InternalServiceErrorException", "InternalServiceException", "InternalServerError", "InternalFailure",
                "ServiceUnavailable", "ServiceUnavailableException"], ProviderFailure.Unreachable, BrokenDetail, BrokenHint),
    ];
}
