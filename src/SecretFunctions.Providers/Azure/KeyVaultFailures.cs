using System.Globalization;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>A vault's refusals: by status, then by the inner code, then by what older vaults put into the text alone.</summary>
internal static class KeyVaultFailures
{
    /// <summary>The first that fits. Null fits anything.</summary>
    private static readonly Row[] Rows =
    [
        new(401, null, null, ProviderFailure.AuthenticationFailed,
            "The vault did not accept the identity's token.",
            "The vault trusts one tenant: check that tenantId is the vault's own (az keyvault show --query properties.tenantId), in the same cloud."),
        new(403, "SecretDisabled", null, ProviderFailure.SecretDisabled,
            "The secret is disabled.",
            "Enable the version, or create a new one."),
        new(403, "ForbiddenByRbac", null, ProviderFailure.PermissionDenied,
            "The identity has no role on this vault that lets it do this.",
            "Grant \"Key Vault Secrets User\" on the vault (Reader is not enough); a new assignment takes a few minutes to apply."),
        new(403, "ForbiddenByFirewall", null, ProviderFailure.PermissionDenied,
            "The vault's firewall blocks this service's address.",
            "Add this service's outbound addresses or subnet to the vault's network rules, or connect it by a private endpoint."),
        new(403, "ForbiddenByConnection", null, ProviderFailure.PermissionDenied,
            "The vault accepts no connections from the public network.",
            "Connect this service by a private endpoint, or open the vault's public access for its addresses."),
        new(403, "ForbiddenByPolicy", null, ProviderFailure.PermissionDenied,
            "The vault's policy admits only callers on behalf of a user.",
            "Add an access policy for the application itself, without an authorized application beside it."),
        new(403, "AccessDenied", null, ProviderFailure.PermissionDenied, NoPolicy, AddPolicy),
        new(403, null, "access policy", ProviderFailure.PermissionDenied, NoPolicy, AddPolicy),
        new(403, null, "does not have secrets", ProviderFailure.PermissionDenied, NoPolicy, AddPolicy),
        new(403, null, null, ProviderFailure.PermissionDenied,
            "The vault refused this identity.",
            "Grant \"Key Vault Secrets User\" on the vault or, where it uses access policies, Get and List on secrets; check its network rules."),
        new(429, null, null, ProviderFailure.Throttled,
            "The vault is throttling requests.",
            "A vault takes about 4,000 reads in 10 seconds: raise cacheTtlSeconds, or spread the secrets over more vaults."),
        new(400, null, null, ProviderFailure.InvalidRequest,
            "The vault does not take this name or version.",
            "A version is the last part of the secret identifier: 32 letters and digits."),
        new(408, null, null, ProviderFailure.Timeout, "The vault took too long.", Later),
        new(504, null, null, ProviderFailure.Timeout, "The vault took too long.", Later),
    ];

    private static readonly Row Outage = new(0, null, null, ProviderFailure.Unreachable, "The vault failed to answer.", Later);

    private static readonly Row Strange = new(0, null, null, ProviderFailure.InvalidRequest,
        "The answer is not one that a vault gives.",
        "Something else answers at this address: check vaultUrl and any proxy in between.");

    private const string NoPolicy = "The vault uses access policies, and none lets this identity do this.";
    private const string AddPolicy = "Add an access policy with Get and List on secrets: az keyvault set-policy --name VAULT --spn CLIENT_ID --secret-permissions get list.";
    private const string Later = "Azure reports outages at https://azure.status.microsoft; nothing needs to be changed here.";

    public static readonly Failure Foreign = ProviderFailure.Create(Strange.Code, Strange.Detail, Strange.Hint);

    public static Failure From(StoreAnswer answer, SecretAddress address)
    {
        var (code, inner, message) = Read(answer);
        if (answer.Status == 404)
        {
            return NotFound(address, code);
        }

        var row = Array.Find(Rows, row => row.Fits(answer.Status, inner, message)) ?? (answer.Status >= 500 ? Outage : Strange);
        return ProviderFailure.Create(row.Code, row.Detail, row.Hint, inner ?? code) with { RetryAfter = answer.RetryAfter };
    }

    /// <summary>Whether the vault knows the caller and lacks only a role or policy for it; a blocked network is something else.</summary>
    public static bool IsLackOfPermission(StoreAnswer answer) =>
        answer.Status == 403 && Read(answer).Inner is not ("ForbiddenByFirewall" or "ForbiddenByConnection");

    public static Failure NotFound(SecretAddress address, string? providerCode) => address.Version is { } version
        ? ProviderFailure.Create(
            ProviderFailure.VersionNotFound,
            $"The vault has no version {version} of a secret \"{KeyVaultName.ToWire(address.Name)}\".",
            "Check the version (the last part of the secret identifier), the name and the vault.",
            providerCode)
        : ProviderFailure.Create(
            ProviderFailure.SecretNotFound,
            $"The vault has no secret \"{KeyVaultName.ToWire(address.Name)}\".",
            "Check the name and the vault; underscores are read as hyphens. A deleted secret may be recoverable: az keyvault secret list-deleted.",
            providerCode);

    public static Failure Disabled(SecretAddress address) => ProviderFailure.Create(
        ProviderFailure.SecretDisabled,
        $"Secret \"{KeyVaultName.ToWire(address.Name)}\" is disabled.",
        "Enable the version, or create a new one.",
        "SecretDisabled");

    public static Failure Expired(SecretAddress address, long at) => ProviderFailure.Create(
        ProviderFailure.SecretDisabled,
        $"Secret \"{KeyVaultName.ToWire(address.Name)}\" expired at {Text(at)}.",
        "Create a new version, or move its expiration date (exp).");

    public static Failure NotYetValid(SecretAddress address, long from) => ProviderFailure.Create(
        ProviderFailure.SecretDisabled,
        $"Secret \"{KeyVaultName.ToWire(address.Name)}\" is not valid before {Text(from)}.",
        "Wait until then, pin an earlier version, or move its activation date (nbf).");

    private static string Text(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The inner code says more: the outer one is <c>Forbidden</c> for every 403. The message only finds a row.</summary>
    private static (string? Code, string? Inner, string Message) Read(StoreAnswer answer)
    {
        using var document = answer.TryParse();
        var error = document?.RootElement.At("error") ?? default;
        return (error.At("code").AsText(), error.At("innererror", "code").AsText(), error.At("message").AsText() ?? "");
    }

    private sealed record Row(int Status, string? Inner, string? Text, string Code, string Detail, string Hint)
    {
        public bool Fits(int status, string? inner, string message) =>
            Status == status
            && (Inner is null || Inner == inner)
            && (Text is null || message.Contains(Text, StringComparison.OrdinalIgnoreCase));
    }
}
