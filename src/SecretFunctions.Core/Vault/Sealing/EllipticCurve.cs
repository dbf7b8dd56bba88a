using System.Security.Cryptography;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>A curve as a JWK names it (RFC 7518 §6.2.1.1).</summary>
/// <param name="CoordinateBytes">Of the field: coordinates have exactly as many, leading zeros included (§6.2.1.2).</param>
internal sealed record EllipticCurve(string Name, ECCurve Curve, int CoordinateBytes)
{
    private static readonly EllipticCurve[] All =
    [
        new("P-256", ECCurve.NamedCurves.nistP256, 32),
        new("P-384", ECCurve.NamedCurves.nistP384, 48),
        new("P-521", ECCurve.NamedCurves.nistP521, 66),
    ];

    public static EllipticCurve? Find(string name) => Array.Find(All, curve => curve.Name == name);
}
