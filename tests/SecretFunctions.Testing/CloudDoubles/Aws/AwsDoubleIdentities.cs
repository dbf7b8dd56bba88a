using System.Security.Cryptography;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>Who may do what. Everything is allowed but what is denied.</summary>
public sealed class AwsPermissions
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string Action, string? Secret)> _denied = [];

    /// <param name="action">As IAM writes it: <c>secretsmanager:GetSecretValue</c>.</param>
    /// <param name="secret">Only on this one; null for all.</param>
    public void Deny(string action, string? secret = null)
    {
        lock (_gate)
        {
            _denied.Add((action, secret));
        }
    }

    internal bool Allows(string action, string? secret)
    {
        lock (_gate)
        {
            return !_denied.Contains((action, null)) && !_denied.Contains((action, secret));
        }
    }
}

/// <summary>An access key the double knows, and whose it is.</summary>
public sealed record AwsDoubleKey(string AccessKeyId, string SecretAccessKey, string? SessionToken, string Arn, AwsPermissions Permissions)
{
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A role and its trust policy.</summary>
/// <param name="Arn">arn:aws:iam::123456789012:role/NAME.</param>
/// <param name="TrustedArn">Who may assume it.</param>
/// <param name="ExternalId">What its trust policy demands; null for nothing.</param>
public sealed record AwsDoubleRole(string Arn, string TrustedArn, string? ExternalId)
{
    /// <summary>Of the sessions.</summary>
    public AwsPermissions Permissions { get; } = new();
}

/// <summary>The account's users, roles and sessions. Safe for concurrent use.</summary>
public sealed class AwsDoubleIdentities(TimeProvider time)
{
    public const string Account = "123456789012";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AwsDoubleKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AwsDoubleRole> _roles = new(StringComparer.Ordinal);

    /// <summary>Every secret key and session token there ever was.</summary>
    public IReadOnlyList<string> Canaries
    {
        get
        {
            lock (_gate)
            {
                return [.. _keys.Values.SelectMany(static key => new[] { key.SecretAccessKey, key.SessionToken }).OfType<string>()];
            }
        }
    }

    public AwsDoubleKey AddUser(string name) =>
        Add(new AwsDoubleKey("AKIA" + RandomText(16), RandomText(40), null, $"arn:aws:iam::{Account}:user/{name}", new AwsPermissions()));

    public AwsDoubleRole AddRole(string name, AwsDoubleKey trusted, string? externalId = null)
    {
        var role = new AwsDoubleRole($"arn:aws:iam::{Account}:role/{name}", trusted.Arn, externalId);
        lock (_gate)
        {
            _roles[role.Arn] = role;
        }

        return role;
    }

    public AwsDoubleKey AddSession(string arn, TimeSpan lifetime, AwsPermissions permissions) =>
        Add(new AwsDoubleKey("ASIA" + RandomText(16), RandomText(40), "session-token-" + RandomText(120), arn, permissions)
        {
            ExpiresAt = time.GetUtcNow() + lifetime,
        });

    /// <summary>Ends the sessions there are, before their time.</summary>
    public void ExpireSessions()
    {
        lock (_gate)
        {
            foreach (var key in _keys.Values.Where(static key => key.SessionToken is not null).ToList())
            {
                _keys[key.AccessKeyId] = key with { ExpiresAt = time.GetUtcNow() };
            }
        }
    }

    internal AwsDoubleKey? FindKey(string accessKeyId)
    {
        lock (_gate)
        {
            return _keys.GetValueOrDefault(accessKeyId);
        }
    }

    internal AwsDoubleRole? FindRole(string arn)
    {
        lock (_gate)
        {
            return _roles.GetValueOrDefault(arn);
        }
    }

    private static string RandomText(int length) => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length);

    private AwsDoubleKey Add(AwsDoubleKey key)
    {
        lock (_gate)
        {
            _keys.Add(key.AccessKeyId, key);
        }

        return key;
    }
}
