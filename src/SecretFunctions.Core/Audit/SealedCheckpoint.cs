using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// A checkpoint as it lies in its row, a line each: its JSON; a detached signature of that by the issuer's key (RFC 7515 appendix F), or
/// <c>-</c> where there is no issuer; a MAC of both with the organization's key, by which it stays verifiable once the signing key is gone.
/// </summary>
/// <param name="Hash">What the next one names as the one before.</param>
internal sealed record SealedCheckpoint(Checkpoint Checkpoint, string Hash, byte[] Json, string? Signature)
{
    /// <summary>What is signed is of this type: never a token.</summary>
    public const string Type = "secretfunctions-audit-checkpoint+jws";

    private const string NoSignature = "-";

    /// <summary>The key that signed it; null where none did.</summary>
    public string? SignedBy => Signature is null ? null : DetachedSignature.KeyIdOf(Signature, Type);

    public static byte[] JsonOf(Checkpoint checkpoint) => Documents.Serialize(checkpoint, StoredJson.Default.Checkpoint);

    public static byte[] Write(string row, byte[] json, string? signature, AuditKey key)
    {
        byte[] signed = [.. json, (byte)'\n', .. Encoding.ASCII.GetBytes(signature ?? NoSignature)];
        var mac = new byte[AuditKey.TextLength];
        key.Authenticate(Content(row, signed), mac);
        return [.. signed, (byte)'\n', .. mac, (byte)'\n'];
    }

    /// <summary>Null where nobody with the organization's key wrote it, there.</summary>
    public static SealedCheckpoint? Read(Entity entity, string organizationId, AuditKey key)
    {
        var data = entity.Data.Span;
        var first = data.IndexOf((byte)'\n');
        var second = first < 0 ? -1 : first + 1 + data[(first + 1)..].IndexOf((byte)'\n');
        if (second <= first || data.Length != second + 1 + AuditKey.TextLength + 1 || data[^1] != (byte)'\n')
        {
            return null;
        }

        if (!key.Verifies(Content(entity.Key.Row, data[..second]), data.Slice(second + 1, AuditKey.TextLength)))
        {
            return null;
        }

        var json = data[..first].ToArray();

        // Authentic, so it has the form that we gave it; of another organization only if somebody has its key.
        var checkpoint = JsonSerializer.Deserialize(json, StoredJson.Default.Checkpoint);
        var signature = Encoding.Latin1.GetString(data[(first + 1)..second]);
        return checkpoint?.Organization == organizationId && Rows.AuditCheckpoint(checkpoint.Number) == entity.Key.Row
            ? new SealedCheckpoint(checkpoint, EventHash.Digest(json), json, signature == NoSignature ? null : signature)
            : null;
    }

    /// <param name="signed">The JSON and the signature: nobody takes it off.</param>
    private static byte[] Content(string row, ReadOnlySpan<byte> signed) => [.. Encoding.ASCII.GetBytes($"secretfunctions.audit-checkpoint.v1\n{row}\n"), .. signed];
}
