using System.Security.Cryptography;
using System.Text;

namespace SecretFunctions.Core.Store;

/// <summary>What a request demands of the resource it changes (RFC 9110 §13.1): If-Match and If-None-Match.</summary>
/// <param name="IfMatch">Tags of which one must be current; null demands nothing. <c>*</c> demands that there is any.</param>
/// <param name="IfNoneMatch">True demands that there is none (<c>If-None-Match: *</c>).</param>
public readonly record struct Precondition(IReadOnlyList<string>? IfMatch, bool IfNoneMatch)
{
    public static Precondition None => default;

    /// <summary>Whether the request demands anything: then a lost race is the caller's to know (412), not ours to repeat.</summary>
    public bool IsConditional => IfMatch is not null || IfNoneMatch;

    /// <summary>Null where the demands hold.</summary>
    /// <param name="currentETag">The store's ETag of what is there now; null where there is nothing.</param>
    public Failure? Check(string? currentETag)
    {
        if (IfNoneMatch && currentETag is not null)
        {
            return Failed("The resource exists already, and If-None-Match: * was sent.");
        }

        if (IfMatch is null)
        {
            return null;
        }

        if (currentETag is null)
        {
            return Failed("There is no such resource, and If-Match was sent.");
        }

        return IfMatch.Contains("*") || IfMatch.Contains(ResourceTag.Of(currentETag))
            ? null
            : Failed("The resource has changed since the ETag in If-Match was read. Read it again.");
    }

    public static Failure Failed(string detail) => new(FailureKind.PreconditionFailed, "precondition.failed", detail);
}

/// <summary>
/// The ETag a caller sees: strong, of one form for every store, and telling nothing about how the store counts.
/// </summary>
public static class ResourceTag
{
    public static string Of(string storeETag) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(storeETag)).AsSpan(0, 10))}\"";
}
