using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>Our own token for a role's session, within the limits AWS documents for AssumeRoleWithWebIdentity.</summary>
internal static class WebIdentity
{
    public const string Operation = "AssumeRoleWithWebIdentity";
    public const int MaxSubject = 255;

    private const int MinSubject = 6;
    private const int MaxToken = 20_000;

    /// <summary>Enough that two automations of one name in different projects do not look alike in CloudTrail.</summary>
    private const int HashDigits = 12;

    public static Task<Result<AwsKeys>> BeginAsync(ProviderAuth.WorkloadIdentity identity, StsClient sts, CancellationToken cancellationToken) => SubjectToken.ExchangeAsync(
        AwsSecretsManagerProvider.Cloud,
        identity,
        token => sts.AssumeRoleWithWebIdentityAsync(token, identity.Target[AwsSecretsManagerProvider.Field.RoleArn], cancellationToken),
        cancellationToken);

    /// <summary>Null, or what AWS would refuse with a text that does not say which field it means.</summary>
    public static Failure? Check(SubjectToken token) =>
        token.Length > MaxToken
            ? ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                $"AWS takes tokens of at most {MaxToken} characters, and this one is longer.",
                "Its claims, session tags among them, are too many or too long: shorten the names of what they name.")
        : token.Subject is { Length: < MinSubject or > MaxSubject }
            ? ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                $"AWS takes subjects of {MinSubject} to {MaxSubject} characters, and {token.Subject} is not.",
                "Choose another subjectScope for the configuration: a coarser one has a shorter subject.")
        : null;

    /// <summary>
    /// What CloudTrail shows beside the role: the last name of the subject (the automation's, where it has one) and a digest of all of it.
    /// The same for every session of one subject.
    /// </summary>
    public static string SessionName(SubjectToken token)
    {
        var subject = token.Subject ?? "";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..HashDigits];
        return AwsNames.SessionName(Uri.UnescapeDataString(subject[(subject.LastIndexOf(':') + 1)..]), $"-{digest}");
    }
}
