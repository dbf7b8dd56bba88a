using System.Security.Cryptography;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Vault.Sealing;

/// <param name="RetiresAt">From then on a later one is offered; null while there is none.</param>
/// <param name="AcceptedUntil">Until then values sealed for it are accepted; null while it is offered. What was accepted opens for good.</param>
public sealed record SealingKeyStatus(string KeyId, int Bits, DateTimeOffset CreatedAt, DateTimeOffset? RetiresAt, DateTimeOffset? AcceptedUntil);

/// <summary>
/// An organization's keys for sealed writes: whoever has the public half can write values that this service stores unopened. Safe for concurrent
/// use, and several instances may do the same at once.
/// </summary>
public sealed class SealingKeys(ResourceStore resources)
{
    /// <summary>
    /// 128 bits of security (NIST SP 800-57): sealed values are kept for years, also outside of this service, and whoever sees one may keep it
    /// until 2048 bits are too few. It costs a few milliseconds once for a value, and never a kickoff.
    /// </summary>
    public const int Bits = 3072;

    /// <summary>All of them lie in one entity: a rotation every week for five years.</summary>
    internal const int MaxKeys = 256;

    private const int MaxAttempts = 8;

    /// <summary>The key to seal for, made when it is first asked for.</summary>
    public async Task<Result<RsaPublicKey>> GetCurrentAsync(Session session, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await ReadAsync(session.View.Organization.Id, cancellationToken) is { } stored)
            {
                using var opened = OpenedSealingKeys.Open(session.View, stored.Document.Current);
                return opened is null ? Undecryptable : LocalSigner.PublicKeyOf(opened);
            }

            await AddAsync(session, null, cancellationToken);
        }

        return ResourceStore.Busy;
    }

    /// <summary>Offers a new key from now on; the one before is accepted for a while longer.</summary>
    public async Task<Failure?> RotateAsync(Session session, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var stored = await ReadAsync(session.View.Organization.Id, cancellationToken);
            if (stored?.Document.Keys.Count >= MaxKeys)
            {
                return Failure.Conflict("sealing_key.too_many", $"An organization has at most {MaxKeys} sealing keys: none is ever deleted, because stored values may need it.");
            }

            if (await AddAsync(session, stored, cancellationToken))
            {
                return null;
            }
        }

        return ResourceStore.Busy;
    }

    /// <summary>Every key, oldest first; none where none was asked for yet.</summary>
    public async Task<IReadOnlyList<SealingKeyStatus>> ReportAsync(string organizationId, CancellationToken cancellationToken)
    {
        if (await ReadAsync(organizationId, cancellationToken) is not { } stored)
        {
            return [];
        }

        var ring = stored.Document;
        return [.. ring.Keys.Select((key, index) => new SealingKeyStatus(
            key.KeyId, key.Bits, key.CreatedAt, ring.RetiresAt(index), ring.RetiresAt(index) + StoredSealingKeys.Overlap))];
    }

    /// <summary>Null where the value may be one for a key that is accepted now; more can only be known by opening it.</summary>
    internal async Task<Failure?> CheckAsync(string organizationId, CompactJwe value, CancellationToken cancellationToken)
    {
        var ring = (await ReadAsync(organizationId, cancellationToken))?.Document;
        if (ring?.Find(value.KeyId) is not (>= 0 and var index))
        {
            return KeyUnknown;
        }

        if (!ring.Accepts(index, resources.Now))
        {
            return Failure.Invalid("sealed_value.key_retired", "The value was sealed for a key that has been replaced: seal it anew for the one of GET /v1/sealing-key.");
        }

        // RFC 8017 §7.1.1: as long as the modulus.
        return value.EncryptedKey.Length == ring.Keys[index].Bits / 8
            ? null
            : Failure.Invalid("sealed_value.malformed", "The encrypted key of the sealed value does not have the length of the sealing key.");
    }

    /// <summary>To open values with. Null where the organization has no key.</summary>
    internal async Task<OpenedSealingKeys?> OpenAsync(OrganizationView view, CancellationToken cancellationToken) =>
        await ReadAsync(view.Organization.Id, cancellationToken) is { } stored ? new OpenedSealingKeys(view, stored.Document) : null;

    internal static Failure KeyUnknown { get; } = Failure.Invalid(
        "sealed_value.key_unknown", "The header's 'kid' names no sealing key of this organization: seal for the one of GET /v1/sealing-key.");

    private static Failure Undecryptable { get; } = new(
        FailureKind.Unavailable, "sealing_key.undecryptable", "The organization's sealing key does not open: its row was changed by hand.")
    {
        Hint = "Restore the row from a backup, or rotate the key: POST /v1/keys/sealing/rotate. Values that were sealed for it are lost without it.",
    };

    private Task<Stored<StoredSealingKeys>?> ReadAsync(string organizationId, CancellationToken cancellationToken) =>
        resources.GetAsync(organizationId, Rows.SealingKeys, StoredJson.Default.StoredSealingKeys, cancellationToken);

    /// <summary>False where another instance was faster.</summary>
    private async Task<bool> AddAsync(Session session, Stored<StoredSealingKeys>? stored, CancellationToken cancellationToken)
    {
        var key = await MakeAsync(session.View, cancellationToken);
        var data = Documents.Serialize(new StoredSealingKeys([.. stored?.Document.Keys ?? [], key]), StoredJson.Default.StoredSealingKeys);
        var write = stored is null ? EntityWrite.Insert(Rows.SealingKeys, data) : EntityWrite.Replace(Rows.SealingKeys, data, stored.ETag);
        var change = Change.Of(stored is null ? "sealing-key.create" : "sealing-key.rotate", ("sealingKey", key.KeyId));
        return (await resources.CommitAsync(session.Caller, [write], change, cancellationToken)).Applied;
    }

    private async Task<StoredSealingKey> MakeAsync(OrganizationView view, CancellationToken cancellationToken)
    {
        // A good part of a second of computing: not on a request's own thread.
        using var rsa = await Task.Run(static () => RSA.Create(Bits), cancellationToken);
        var key = new StoredSealingKey(LocalSigner.PublicKeyOf(rsa).KeyId, Bits, resources.Now, []);
        var pkcs8 = rsa.ExportPkcs8PrivateKey();
        try
        {
            return key with { Private = Envelope.Seal(view.Keys, key.Context(view.Organization.Id), pkcs8) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }
}
