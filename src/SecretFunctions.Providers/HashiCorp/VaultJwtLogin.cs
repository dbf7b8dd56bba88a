using System.Buffers;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>A login at Vault's JWT method with one of our own tokens.</summary>
internal sealed class VaultJwtLogin(ProviderAuth.WorkloadIdentity identity, ProviderConnection connection, VaultClient client, TimeProvider time) : VaultLogin
{
    public override bool CanRenew => true;

    public override bool RenewsEarly => true;

    public override async Task<Result<StoreToken>> LogInAsync(CancellationToken cancellationToken)
    {
        // Checked when it was written; the configuration may have been changed since, and the token is for its address and no other.
        if (FederatedAddress.Check(identity, connection) is { } elsewhere)
        {
            return ProviderFailure.Create(ProviderFailure.InvalidRequest, elsewhere, "Correct the address of the credential or of the configuration.");
        }

        return await SubjectToken.ExchangeAsync(HashiCorpVaultProvider.Cloud, identity, token => ExchangeAsync(token, cancellationToken), cancellationToken);
    }

    private async Task<Result<StoreToken>> ExchangeAsync(SubjectToken token, CancellationToken cancellationToken)
    {
        var role = identity.Target[VaultSettings.Role];
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("role", role);
            json.WriteString("jwt", token.Reveal());
            json.WriteEndObject();
        }

        try
        {
            var what = $"a JWT login with the role \"{role}\"";
            return await LogInAsync(client, time, identity.Target.GetValueOrDefault(VaultSettings.Mount, VaultSettings.JwtMount), body.WrittenMemory, what, VaultJwtFailures.Login, cancellationToken);
        }
        finally
        {
            body.Clear(); // Zeroes what was written.
        }
    }
}
