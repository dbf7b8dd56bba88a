using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Vault;

public sealed class EnvelopeTests
{
    private static readonly SealContext Home = new("abcdefghij", "variable/prod/organization/KEY", 1);

    /// <summary>Text that could be taken for a border between fields, and all that a name may hold.</summary>
    private static readonly Gen<string> FieldGen =
        Gen.Elements("", "a", "b", "ab", "\0", "\u0001", "\0\u0001", "1", "11", "é", "🔑", "/", new string('x', 256)).ArrayOf().Select(string.Concat).Resize(4);

    private static readonly Gen<SealContext> ContextGen =
        from organization in FieldGen
        from subject in FieldGen
        from version in Gen.Elements(1, 2, 11, 12, 111, int.MaxValue)
        select new SealContext(organization, subject, version);

    [Fact]
    public void Any_bytes_open_to_what_was_sealed() =>
        Holds(ArbMap.Default.GeneratorFor<byte[]>(), plaintext =>
        {
            var envelope = Envelope.Seal(VaultVectors.Keys, Home, plaintext);
            using var opened = Envelope.Open(VaultVectors.Keys, Home, envelope).ShouldNotBeNull();
            opened.Reveal().ToArray().ShouldBe(plaintext);
        });

    [Fact]
    public void No_bit_of_an_envelope_can_be_changed()
    {
        var envelope = Envelope.Seal(VaultVectors.Keys, Home, "value"u8);
        for (var bit = 0; bit < envelope.Length * 8; bit++)
        {
            var changed = envelope.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Envelope.Open(VaultVectors.Keys, Home, changed).ShouldBeNull($"bit {bit}");
        }
    }

    [Fact]
    public void No_beginning_of_an_envelope_opens()
    {
        var envelope = Envelope.Seal(VaultVectors.Keys, Home, "value"u8);
        for (var length = 0; length < envelope.Length; length++)
        {
            Envelope.Open(VaultVectors.Keys, Home, envelope.AsMemory(0, length)).ShouldBeNull($"{length} bytes");
        }
    }

    [Fact]
    public void Different_contexts_never_encode_alike() =>
        Holds(
            from left in ContextGen
            from right in ContextGen
            from labels in Gen.Elements((Envelope.WrapLabel, Envelope.WrapLabel), (Envelope.WrapLabel, Envelope.ValueLabel))
            select (left, right, labels),
            pair =>
            {
                var same = pair.left == pair.right && pair.labels.Item1 == pair.labels.Item2;
                pair.left.Encode(pair.labels.Item1).AsSpan().SequenceEqual(pair.right.Encode(pair.labels.Item2)).ShouldBe(same);
            });

    [Fact]
    public void A_context_that_is_no_text_is_refused_and_not_replaced_by_another() =>
        Should.Throw<EncoderFallbackException>(() => (Home with { Subject = "\uD800" }).Encode(Envelope.ValueLabel));

    [Fact]
    public void The_same_value_sealed_twice_shares_neither_key_nor_nonce()
    {
        var first = Envelope.Seal(VaultVectors.Keys, Home, "value"u8);
        var second = Envelope.Seal(VaultVectors.Keys, Home, "value"u8);

        // Behind the header everything is random or follows from it: two envelopes agree in 1 of 256 bytes.
        first.Zip(second).Skip(5).Count(static pair => pair.First == pair.Second).ShouldBeLessThan(20);
    }

    [Fact]
    public void A_value_that_does_not_open_leaves_nothing_of_itself()
    {
        var envelope = Envelope.Seal(VaultVectors.Keys, Home, "value"u8);
        using var value = Envelope.Unwrap(VaultVectors.Keys, Home, envelope).ShouldNotBeNull();
        envelope[^1] ^= 1;
        var destination = new byte[value.Length];

        value.TryOpen(destination).ShouldBeFalse();
        destination.ShouldAllBe(static part => part == 0);
    }

    [Fact]
    public async Task A_sealed_value_opens_for_many_at_once()
    {
        var plaintext = Encoding.UTF8.GetBytes(new string('v', 1000));
        using var value = Envelope.Unwrap(VaultVectors.Keys, Home, Envelope.Seal(VaultVectors.Keys, Home, plaintext)).ShouldNotBeNull();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            var destination = new byte[plaintext.Length];
            for (var i = 0; i < 500; i++)
            {
                value.TryOpen(destination).ShouldBeTrue();
                destination.AsSpan().SequenceEqual(plaintext).ShouldBeTrue();
                destination.AsSpan().Clear();
            }
        })));
    }

    private static void Holds<T>(Gen<T> values, Action<T> property) =>
        Prop.ForAll(values.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
