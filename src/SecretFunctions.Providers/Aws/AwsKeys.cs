using System.Diagnostics;

namespace SecretFunctions.Providers.Aws;

/// <summary>What requests are signed with: a long-lived key, or a session.</summary>
/// <remarks>
/// The secret is a string because the signer takes one. It is made once per credential or session and not per request, which
/// would leave a copy behind each time. A class and not a record: records print themselves.
/// </remarks>
[DebuggerDisplay("[redacted]")]
internal sealed class AwsKeys(string accessKeyId, string secretAccessKey, string? sessionToken, DateTimeOffset? expiresAt)
{
    public string AccessKeyId { get; } = accessKeyId;

    public string SecretAccessKey { get; } = secretAccessKey;

    public string? SessionToken { get; } = sessionToken;

    /// <summary>Null: not known, or never.</summary>
    public DateTimeOffset? ExpiresAt { get; } = expiresAt;

    public override string ToString() => "[redacted]";
}
