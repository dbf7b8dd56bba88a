using System.Security.Cryptography;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>Who may do what. Everything is allowed but what is denied, here or <paramref name="above"/>.</summary>
public sealed class AwsPermissions(AwsPermissions? above = null)
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
            return above?.Allows(action, secret) != false && !_denied.Contains((action, null)) && !_denied.Contains((action, secret));
        }
    }
}

/// <summary>An access key the double knows, and whose it is.</summary>
public sealed record AwsDoubleKey(string AccessKeyId, string SecretAccessKey, string? SessionToken, string Arn, AwsPermissions Permissions)
{
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Of the token that was exchanged for it; null for any other key.</summary>
    public string? Subject { get; init; }

    /// <summary>Session tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>A role and its trust policy.</summary>
/// <param name="Arn">arn:aws:iam::123456789012:role/NAME.</param>
/// <param name="TrustedArn">Who may assume it; null: only who <see cref="WebTrust"/> says.</param>
/// <param name="ExternalId">What its trust policy demands; null for nothing.</param>
public sealed record AwsDoubleRole(string Arn, string? TrustedArn, string? ExternalId)
{
    private readonly Dictionary<string, AwsPermissions> _bySubject = new(StringComparer.Ordinal);

    /// <summary>Of the sessions.</summary>
    public AwsPermissions Permissions { get; } = new();

    /// <summary>Whose tokens are exchanged for a session; null: nobody's.</summary>
    public AwsDoubleWebTrust? WebTrust { get; init; }

    /// <summary>Of sessions of this subject, within those of the role: what policies with conditions on session tags do.</summary>
    public AwsPermissions PermissionsOf(string subject)
    {
        lock (_bySubject)
        {
            return _bySubject.TryGetValue(subject, out var own) ? own : _bySubject[subject] = new AwsPermissions(Permissions);
        }
    }
}

/// <summary>The account's users, roles and sessions. Safe for concurrent use.</summary>
public sealed class AwsDoubleIdentities(TimeProvider time)
{
    public const string Account = "123456789012";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AwsDoubleKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AwsDoubleRole> _roles = new(StringComparer.Ordinal);
    private readonly List<AwsDoubleIdentityProvider> _providers = [];
    private readonly List<AwsDoubleKey> _webSessions = [];

    /// <summary>Sessions that tokens were exchanged for, oldest first: as whom, and with which tags.</summary>
    public IReadOnlyList<AwsDoubleKey> WebSessions
    {
        get
        {
            lock (_gate)
            {
                return [.. _webSessions];
            }
        }
    }

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

    public AwsDoubleRole AddRole(string name, AwsDoubleKey trusted, string? externalId = null) =>
        Add(new AwsDoubleRole($"arn:aws:iam::{Account}:role/{name}", trusted.Arn, externalId));

    /// <summary>Creates the role, or replaces its trust policy.</summary>
    public AwsDoubleRole AddRole(string name, AwsDoubleWebTrust trust) =>
        Add(new AwsDoubleRole($"arn:aws:iam::{Account}:role/{name}", null, null) { WebTrust = trust });

    /// <summary>Creates an identity provider, or replaces its client ids; none: deletes it.</summary>
    public void SetIdentityProvider(string issuer, params string[] clientIds)
    {
        lock (_gate)
        {
            _providers.RemoveAll(provider => provider.Issuer == issuer);
            if (clientIds.Length > 0)
            {
                _providers.Add(new AwsDoubleIdentityProvider(issuer, clientIds));
            }
        }
    }

    public AwsDoubleKey AddSession(string arn, TimeSpan lifetime, AwsPermissions permissions) =>
        Add(new AwsDoubleKey("ASIA" + RandomText(16), RandomText(40), "session-token-" + RandomText(120), arn, permissions)
        {
            ExpiresAt = time.GetUtcNow() + lifetime,
        });

    internal AwsDoubleKey AddSession(
        string arn, TimeSpan lifetime, AwsPermissions permissions, string subject, IReadOnlyDictionary<string, string> tags)
    {
        var session = AddSession(arn, lifetime, permissions) with { Subject = subject, Tags = tags };
        lock (_gate)
        {
            _keys[session.AccessKeyId] = session;
            _webSessions.Add(session);
        }

        return session;
    }

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

    internal AwsDoubleIdentityProvider? FindProvider(string issuer)
    {
        lock (_gate)
        {
            return _providers.Find(provider => provider.Issuer == issuer);
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

    private AwsDoubleRole Add(AwsDoubleRole role)
    {
        lock (_gate)
        {
            _roles[role.Arn] = role;
        }

        return role;
    }

    private AwsDoubleKey Add(AwsDoubleKey key)
    {
        lock (_gate)
        {
            _keys.Add(key.AccessKeyId, key);
        }

        return key;
    }
}
