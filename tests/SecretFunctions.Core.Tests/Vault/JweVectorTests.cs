using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SecretFunctions.Core.Vault.Sealing;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Vault;

/// <summary><c>tests/vectors/jwe.json</c>, which <c>jwe.mjs</c> made.</summary>
public sealed class JweVectorTests
{
    private static readonly JsonElement Vectors = JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "jwe.json")));

    private static IEnumerable<JsonElement> Cases => Vectors.GetProperty("cases").EnumerateArray();

    public static TheoryData<string> All => [.. Cases.Select(static vector => vector.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_vector_opens_stays_closed_or_is_refused_as_published(string name)
    {
        var vector = Cases.Single(candidate => candidate.GetProperty("name").GetString() == name);
        var parsed = CompactJwe.Parse(Encoding.UTF8.GetBytes(vector.GetProperty("jwe").GetString()!));
        if (vector.TryGetProperty("code", out var code))
        {
            parsed.ShouldFail(code.GetString()!);
            return;
        }

        var jwe = parsed.ShouldSucceed();
        jwe.KeyId.ShouldBe(Vectors.GetProperty("kid").GetString());
        var expected = vector.TryGetProperty("plaintext", out var plaintext) ? plaintext.GetString() : null;
        Open(jwe).ShouldBe(expected);

        // As it is kept, it is the same.
        var kept = CompactJwe.Read(jwe.Content.ToArray()).ShouldNotBeNull();
        kept.KeyId.ShouldBe(jwe.KeyId);
        Open(kept).ShouldBe(expected);
    }

    [Fact]
    public void The_key_agreement_is_the_standards()
    {
        var vector = Vectors.GetProperty("agreement");
        using var own = ECDiffieHellman.Create(Key(vector.GetProperty("own")));
        using var other = ECDiffieHellman.Create(Key(vector.GetProperty("other")));
        using var publicKey = other.PublicKey;

        var derived = ConcatKdf.Derive(
            own,
            publicKey,
            vector.GetProperty("algorithm").GetString()!,
            Encoding.ASCII.GetBytes(vector.GetProperty("partyU").GetString()!),
            Encoding.ASCII.GetBytes(vector.GetProperty("partyV").GetString()!),
            vector.GetProperty("keyBits").GetInt32());

        Base64Url.EncodeToString(derived).ShouldBe(vector.GetProperty("derived").GetString());
    }

    [Fact]
    public void Whatever_is_changed_in_a_sealed_value_it_is_refused_or_stays_closed()
    {
        var good = Cases.First().GetProperty("jwe").GetString()!;
        var mutated = from at in Gen.Choose(0, good.Length - 1)
                      from change in Gen.Choose(0, 3)
                      from character in Gen.Elements("AQZaz09-_.=+/ {\"\n\0é".ToCharArray())
                      from length in Gen.Choose(1, 40)
                      select change switch
                      {
                          0 => $"{good[..at]}{character}{good[(at + 1)..]}",
                          1 => $"{good[..at]}{character}{good[at..]}",
                          2 => good[..at] + good[Math.Min(good.Length, at + length)..],
                          _ => good[..at] + good[Math.Max(0, at - length)..],
                      };
        Prop.ForAll(mutated.Where(text => text != good).ToArbitrary(), static text =>
        {
            if (CompactJwe.Parse(Encoding.UTF8.GetBytes(text)).TryGet(out var jwe, out var failure))
            {
                Open(jwe).ShouldBeNull(text);
            }
            else
            {
                failure.Kind.ShouldBe(FailureKind.Invalid);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void What_is_kept_is_read_or_not_whatever_was_done_to_it()
    {
        var kept = CompactJwe.Parse(Encoding.UTF8.GetBytes(Cases.First().GetProperty("jwe").GetString()!)).ShouldSucceed().Content.ToArray();
        for (var length = 0; length < kept.Length; length++)
        {
            OpenKept(kept[..length]).ShouldBeNull($"cut to {length}");
        }

        for (var at = 0; at < kept.Length; at++)
        {
            byte[] changed = [.. kept];
            changed[at] ^= 0x41;
            OpenKept(changed).ShouldBeNull($"changed at {at}");
        }
    }

    [Fact]
    public async Task The_vectors_hold_for_an_implementation_that_is_not_ours()
    {
        var start = new ProcessStartInfo("node", [Path.Combine(RepositoryPaths.Root, "tests", "vectors", "jwe.mjs")]) { RedirectStandardOutput = true };
        using var node = Process.Start(start).ShouldNotBeNull();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();

        node.ExitCode.ShouldBe(0, output);
        output.ShouldStartWith($"{Cases.Count()} cases, 0 wrong");
    }

    private static string? OpenKept(byte[] content) => CompactJwe.Read(content) is { } jwe ? Open(jwe) : null;

    /// <summary>What is in it, in base64url.</summary>
    private static string? Open(CompactJwe jwe)
    {
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Number("n"),
            Exponent = Number("e"),
            D = Number("d"),
            P = Number("p"),
            Q = Number("q"),
            DP = Number("dp"),
            DQ = Number("dq"),
            InverseQ = Number("qi"),
        });
        using var value = jwe.ToSealedValue(jwe.UnwrapContentKey(rsa));
        var plaintext = new byte[value.Length];
        return value.TryOpen(plaintext) ? Base64Url.EncodeToString(plaintext) : null;
    }

    private static byte[] Number(string name) => Bytes(Vectors.GetProperty("key"), name);

    private static ECParameters Key(JsonElement jwk) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") },
        D = jwk.TryGetProperty("d", out _) ? Bytes(jwk, "d") : null,
    };

    private static byte[] Bytes(JsonElement jwk, string name) => Base64Url.DecodeFromChars(jwk.GetProperty(name).GetString());
}
