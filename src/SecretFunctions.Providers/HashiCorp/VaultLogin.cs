using System.Buffers;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>One way to come by a token.</summary>
internal abstract class VaultLogin
{
    /// <summary>Whether logging in again yields another token than the one that was refused.</summary>
    public abstract bool CanRenew { get; }

    /// <summary>Whether logging in costs nothing, so that it may be done before it is needed: a secret id can be limited.</summary>
    public virtual bool RenewsEarly => false;

    public static VaultLogin For(ProviderConnection connection, VaultClient client, TimeProvider time) => connection.Auth switch
    {
        ProviderAuth.Static fields when fields.Has(VaultSettings.Token) => new GivenToken(fields),
        ProviderAuth.Static fields => new AppRole(fields, client, time),
        ProviderAuth.WorkloadIdentity identity => new VaultJwtLogin(identity, connection, client, time),
        var other => throw new ArgumentException($"hashicorp-vault has no {other.GetType().Name} authentication.", nameof(connection)),
    };

    public abstract Task<Result<StoreToken>> LogInAsync(CancellationToken cancellationToken);

    /// <summary>The token an admin typed in: used until Vault refuses it.</summary>
    private sealed class GivenToken(ProviderAuth.Static fields) : VaultLogin
    {
        public override bool CanRenew => false;

        public override Task<Result<StoreToken>> LogInAsync(CancellationToken cancellationToken) =>
            Task.FromResult<Result<StoreToken>>(
                new StoreToken(Encoding.UTF8.GetString(fields.Reveal(VaultSettings.Token)), DateTimeOffset.MaxValue));
    }

    private sealed class AppRole(ProviderAuth.Static fields, VaultClient client, TimeProvider time) : VaultLogin
    {
        public override bool CanRenew => true;

        public override async Task<Result<StoreToken>> LogInAsync(CancellationToken cancellationToken)
        {
            const string defaultMount = "approle";
            var mount = fields.Has(VaultSettings.AuthMount) ? Encoding.UTF8.GetString(fields.Reveal(VaultSettings.AuthMount)) : defaultMount;
            var body = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(body))
            {
                json.WriteStartObject();
                json.WriteString("role_id", fields.Reveal(VaultSettings.RoleId));
                json.WriteString("secret_id", fields.Reveal(VaultSettings.SecretId));
                json.WriteEndObject();
            }

            try
            {
                return await LogInAsync(client, time, mount, body.WrittenMemory, "an AppRole login", VaultFailures.AppRole, cancellationToken);
            }
            finally
            {
                body.Clear(); // Zeroes what was written.
            }
        }
    }

    /// <summary>Posts a proof to an auth method, in the store's namespace.</summary>
    protected static async Task<Result<StoreToken>> LogInAsync(
        VaultClient client, TimeProvider time, string mount, ReadOnlyMemory<byte> proof, string what, FailureTable failures, CancellationToken cancellationToken)
    {
        var asked = time.GetUtcNow();
        var sent = await client.PostAsync($"auth/{StoreAddress.EscapePath(mount.Trim('/'))}/login", proof, cancellationToken);
        if (!sent.TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            return answer.IsSuccess
                ? TokenFrom(answer, asked) is { } token ? token : failures.NotUnderstood(what)
                : failures.Explain(what, answer, VaultFailures.MessageOf(answer));
        }
    }

    /// <summary>
    /// Used for nine tenths of its lease, counted from before we asked: a new login is cheaper than renewing, which needs its own policy, and
    /// than a read that fails first. A lease of 0 never ends.
    /// </summary>
    private static StoreToken? TokenFrom(StoreAnswer answer, DateTimeOffset asked)
    {
        using var document = answer.TryParse();
        var auth = document is null ? default : document.RootElement.At("auth");
        return auth.At("client_token").AsText() is { Length: > 0 } token && auth.At("lease_duration").AsInteger() is { } seconds and >= 0
            ? new StoreToken(token, seconds == 0 ? DateTimeOffset.MaxValue : asked + (TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) * 0.9))
            : null;
    }
}
