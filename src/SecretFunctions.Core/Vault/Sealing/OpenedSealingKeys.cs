using System.Buffers;
using System.Security.Cryptography;
using System.Text.Unicode;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>
/// Opens what clients have sealed, while a plan is built. Each private key is unwrapped when first needed and gone when this is disposed of. Not
/// safe for concurrent use.
/// </summary>
internal sealed class OpenedSealingKeys(OrganizationView view, StoredSealingKeys stored) : IDisposable
{
    private readonly Dictionary<string, RSA?> _opened = new(StringComparer.Ordinal);

    /// <summary>
    /// The value as any other sealed one, once it has been seen to open to a text that may be a value. Null where it does not: why, nobody is
    /// told, because whoever may write values could learn about the key from it (RFC 7516 §11.5).
    /// </summary>
    /// <param name="context">What the envelope around it is bound to.</param>
    public SealedValue? Unseal(in SealContext context, byte[] envelope)
    {
        using var content = Envelope.Open(view.Keys, context, envelope);
        return content is not null && CompactJwe.Read(content.Reveal().ToArray()) is { } jwe && Find(jwe.KeyId) is { } key
            ? Verified(jwe.ToSealedValue(view.ContentKeys.Unwrap(jwe, key)))
            : null;
    }

    public void Dispose()
    {
        foreach (var key in _opened.Values)
        {
            key?.Dispose();
        }
    }

    /// <summary>A private key that belongs to its id, or null: a public half of somebody else's must never be handed out for ours.</summary>
    public static RSA? Open(OrganizationView view, StoredSealingKey stored)
    {
        using var pkcs8 = Envelope.Open(view.Keys, stored.Context(view.Organization.Id), stored.Private);
        if (pkcs8 is null)
        {
            return null;
        }

        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8.Reveal(), out _);
        if (LocalSigner.PublicKeyOf(rsa).KeyId == stored.KeyId)
        {
            return rsa;
        }

        rsa.Dispose();
        return null;
    }

    private RSA? Find(string keyId)
    {
        if (!_opened.TryGetValue(keyId, out var key))
        {
            var index = stored.Find(keyId);
            _opened[keyId] = key = index < 0 ? null : Open(view, stored.Keys[index]);
        }

        return key;
    }

    private static SealedValue? Verified(SealedValue value)
    {
        var plaintext = ArrayPool<byte>.Shared.Rent(Math.Max(1, value.Length));
        var opened = plaintext.AsSpan(0, value.Length);
        try
        {
            if (value.TryOpen(opened) && Utf8.IsValid(opened) && ValueRules.Check(opened) is null)
            {
                return value;
            }

            value.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
            ArrayPool<byte>.Shared.Return(plaintext);
        }
    }
}
