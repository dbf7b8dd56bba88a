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

    public static VaultLogin For(ProviderAuth auth, VaultClient client, TimeProvider time) => auth switch
    {
        ProviderAuth.Static fields when fields.Has(VaultSettings.Token) => new GivenToken(fields),
        ProviderAuth.Static fields => new AppRole(fields, client, time),
        _ => throw new ArgumentException($"hashicorp-vault has no {auth.GetType().Name} authentication.", nameof(auth)),
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
            const string what = "an AppRole login";
            var mount = fields.Has(VaultSettings.AuthMount) ? Encoding.UTF8.GetString(fields.Reveal(VaultSettings.AuthMount)).Trim('/') : defaultMount;
            var asked = time.GetUtcNow();
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
                var sent = await client.PostAsync($"auth/{StoreAddress.EscapePath(mount)}/login", body.WrittenMemory, cancellationToken);
                if (!sent.TryGet(out var answer, out var failure))
                {
                    return failure;
                }

                using (answer)
                {
                    return answer.IsSuccess
                        ? TokenFrom(answer, asked) is { } token ? token : VaultFailures.AppRole.NotUnderstood(what)
                        : VaultFailures.AppRole.Explain(what, answer, VaultFailures.MessageOf(answer));
                }
            }
            finally
            {
                body.Clear(); // Zeroes what was written.
            }
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
