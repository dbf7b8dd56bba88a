namespace SecretFunctions.Core.Vault;

/// <summary>Lengths in bytes, the ones NIST SP 800-38D recommends: 96-bit nonces (§5.2.1.1) and full 128-bit tags (§5.2.1.2).</summary>
internal static class AesGcmSizes
{
    public const int Key = 32;
    public const int Nonce = 12;
    public const int Tag = 16;
}
