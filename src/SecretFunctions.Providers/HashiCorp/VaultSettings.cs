namespace SecretFunctions.Providers.HashiCorp;

/// <summary>Names of the fields of a Vault credential.</summary>
internal static class VaultSettings
{
    public const string Address = "address";
    public const string Namespace = "namespace";
    public const string Mount = "mount";
    public const string KvVersion = "kvVersion";
    public const string Token = "token";
    public const string RoleId = "roleId";
    public const string SecretId = "secretId";
    public const string AuthMount = "authMount";
    public const string Role = "role";

    /// <summary>Where Vault mounts the JWT method by itself.</summary>
    public const string JwtMount = "jwt";
}
