using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Testing.CloudDoubles.HashiCorp;

/// <summary>Who gets into the double: fixed tokens and one AppRole. Safe for concurrent use.</summary>
public sealed class VaultTokens(TimeProvider time)
{
    /// <summary>Every token the double hands out starts with this.</summary>
    public const string IssuedPrefix = "hvs.canary-issued-4c8e";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string DisplayName, DateTimeOffset Until)> _tokens = [];

    public string AppRoleMount { get; set; } = "approle";

    public string RoleId { get; set; } = "role-canary-2f9a";

    public string SecretId { get; set; } = "secret-id-canary-81bd";

    /// <summary>How many logins the secret id is still good for; null: any number.</summary>
    public int? SecretIdUses { get; set; }

    public int LeaseSeconds { get; set; } = 3600;

    /// <summary>False: as older versions of Vault, which only say "permission denied".</summary>
    public bool SaysInvalid { get; set; } = true;

    /// <summary>Tokens without the default policy may not look themselves up.</summary>
    public bool DenyLookup { get; set; }

    /// <summary>Logins succeed with tokens that are not good for anything, as under a token_num_uses of one that was used up.</summary>
    public bool IssuesDeadTokens { get; set; }

    public int Logins { get; private set; }

    public void Add(string token, string displayName)
    {
        lock (_gate)
        {
            _tokens[token] = (displayName, DateTimeOffset.MaxValue);
        }
    }

    public void RevokeAll()
    {
        lock (_gate)
        {
            _tokens.Clear();
        }
    }

    internal string? LogIn(string? roleId, string? secretId)
    {
        lock (_gate)
        {
            // A refused pair costs nothing here; a use that is left costs one.
            if (roleId != RoleId || secretId != SecretId || SecretIdUses == 0)
            {
                return null;
            }

            SecretIdUses--;
            return Issue("approle");
        }
    }

    /// <summary>For whoever got past an auth method.</summary>
    internal string Issue(string displayName)
    {
        lock (_gate)
        {
            Logins++;
            var token = $"{IssuedPrefix}-{Logins}";
            _tokens[IssuesDeadTokens ? "nobody's" : token] = (displayName, LeaseSeconds == 0 ? DateTimeOffset.MaxValue : time.GetUtcNow().AddSeconds(LeaseSeconds));
            return token;
        }
    }

    internal bool TryGet(string token, [NotNullWhen(true)] out string? displayName)
    {
        lock (_gate)
        {
            var found = _tokens.TryGetValue(token, out var entry) && time.GetUtcNow() < entry.Until;
            displayName = found ? entry.DisplayName : null;
            return found;
        }
    }
}
