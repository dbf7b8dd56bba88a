using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Core.Issuer;

/// <summary>Makes our tokens. Who may have one for what audience is for its callers to decide. Safe for concurrent use, without locks.</summary>
public sealed class TokenIssuer(IssuerAddress address, IssuerKeys keys, IssuerOptions options, TimeProvider time)
{
    private const int MaxAudienceLength = 512;

    /// <summary>Every claim that a token may have.</summary>
    public static IReadOnlyList<string> ClaimNames => TokenClaims.Names;

    /// <summary>What tokens name as their issuer; null where there is none, and then none is made.</summary>
    public string? Issuer => address.Value;

    /// <returns>The token, the caller's to dispose; or issuer.not_configured, token.audience_invalid, or why no key signs.</returns>
    /// <exception cref="Store.StoreUnavailableException">The keys could not be read.</exception>
    /// <exception cref="Vault.RootKeyException">They could not be unwrapped.</exception>
    public Task<Result<IssuedToken>> MintAsync(TokenRequest request, CancellationToken cancellationToken) =>
        Watch.Begin(SignalNames.Spans.TokenMint, ActivityKind.Internal, Signals.TokenMintDuration) is { } watch
            ? WatchedAsync(watch, request, cancellationToken)
            : SignAsync(request, cancellationToken);

    private Task<Result<IssuedToken>> WatchedAsync(Watch watch, TokenRequest request, CancellationToken cancellationToken) =>
        watch.RunAsync(() => SignAsync(request, cancellationToken));

    private async Task<Result<IssuedToken>> SignAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        if (address.Value is not { } issuer)
        {
            return IssuerAddress.NotConfigured;
        }

        if (request.Audience.Length is 0 or > MaxAudienceLength || request.Audience.Any(static character => char.IsControl(character) || char.IsSurrogate(character)))
        {
            return Failure.Invalid("token.audience_invalid", $"An audience has 1 to {MaxAudienceLength} characters, none of them a control character.");
        }

        if (!(await keys.GetSignerAsync(cancellationToken)).TryGet(out var signer, out var failure))
        {
            return failure;
        }

        // Whole seconds, as in the token: what it says of its end is what it holds.
        var issuedAt = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var expiresAt = issuedAt + options.TokenLifetime;
        var signed = new ArrayBufferWriter<byte>(1024);
        TokenClaims.WriteSigningInput(signed, signer.PublicKey.KeyId, issuer, request, issuedAt, expiresAt);
        var digest = SHA256.HashData(signed.WrittenSpan);
        if (!(await signer.SignAsync(digest, cancellationToken)).TryGet(out var signature, out failure))
        {
            return failure;
        }

        // Of a key elsewhere the answer is somebody else's; and a faulty signature can betray the key that made it.
        return signer.PublicKey.Verifies(digest, signature)
            ? new IssuedToken(Join(signed.WrittenSpan, signature), expiresAt)
            : new Failure(FailureKind.Unavailable, "issuer.signature_invalid", "The signing key's vault gave a signature that is not this key's.");
    }

    private static SecretValue Join(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        var token = GC.AllocateUninitializedArray<byte>(signed.Length + 1 + Base64Url.GetEncodedLength(signature.Length), pinned: true);
        try
        {
            signed.CopyTo(token);
            token[signed.Length] = (byte)'.';
            Base64Url.EncodeToUtf8(signature, token.AsSpan(signed.Length + 1));
            return new SecretValue(token);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(token);
        }
    }
}
