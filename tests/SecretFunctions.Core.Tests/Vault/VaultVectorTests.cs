using System.Diagnostics;
using SecretFunctions.Core.Vault;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Vault;

public sealed class VaultVectorTests
{
    public static TheoryData<string> ThatOpen => [.. VaultVectors.Cases.Where(VaultVectors.Opens).Select(VaultVectors.Name)];

    public static TheoryData<string> ThatDoNot => [.. VaultVectors.Cases.Where(vector => !vector.Opens()).Select(VaultVectors.Name)];

    public static TheoryData<string> ThatAreRewrapped => [.. VaultVectors.Rewraps.Select(VaultVectors.Name)];

    public static TheoryData<string> OfTheRootKey => [.. VaultVectors.RootCases.Select(VaultVectors.Name)];

    [Theory]
    [MemberData(nameof(ThatOpen))]
    public void A_vector_seals_and_opens_as_published(string name)
    {
        var vector = VaultVectors.Cases.Single(candidate => candidate.Name() == name);
        var keys = VaultVectors.KeysUpTo(vector.GetProperty("keyVersion").GetInt32());

        var envelope = Envelope.Seal(keys, vector.Context(), vector.Bytes("plaintext"), vector.Bytes("randomness"));

        Convert.ToHexStringLower(envelope).ShouldBe(vector.GetProperty("envelope").GetString());
        using var value = Envelope.Open(VaultVectors.Keys, vector.Context(), envelope).ShouldNotBeNull();
        value.Reveal().ToArray().ShouldBe(vector.Bytes("plaintext"));
        VaultVectors.Keys.Fingerprint(value.Reveal()).ShouldBe(vector.GetProperty("fingerprint").GetString());
    }

    [Theory]
    [MemberData(nameof(ThatDoNot))]
    public void A_vector_that_must_not_open_does_not(string name)
    {
        var vector = VaultVectors.Cases.Single(candidate => candidate.Name() == name);

        Envelope.Open(VaultVectors.Keys, vector.Context(), vector.Bytes("envelope")).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(ThatAreRewrapped))]
    public void A_data_key_is_wrapped_anew_as_published(string name)
    {
        var vector = VaultVectors.Rewraps.Single(candidate => candidate.Name() == name);
        var before = vector.Bytes("from");

        var rewrapped = Envelope.Rewrap(VaultVectors.Keys, vector.Context(), before, vector.Bytes("nonce"));

        if (!vector.Opens())
        {
            rewrapped.ShouldBeNull();
            return;
        }

        Convert.ToHexStringLower(rewrapped.ShouldNotBeNull()).ShouldBe(vector.GetProperty("to").GetString());
        rewrapped[Envelope.HeaderBytes..].ShouldBe(before[Envelope.HeaderBytes..]);
        using var value = Envelope.Open(VaultVectors.Keys, vector.Context(), rewrapped).ShouldNotBeNull();
        using var same = Envelope.Open(VaultVectors.Keys, vector.Context(), before).ShouldNotBeNull();
        value.Reveal().ToArray().ShouldBe(same.Reveal().ToArray());
    }

    [Theory]
    [MemberData(nameof(OfTheRootKey))]
    public async Task A_root_key_unwraps_what_it_should_and_nothing_else(string name)
    {
        var vector = VaultVectors.RootCases.Single(candidate => candidate.Name() == name);
        if (!vector.Opens())
        {
            await Should.ThrowAsync<RootKeyException>(async () => await VaultVectors.RootKey.UnwrapAsync(vector.Bytes("wrapped"), CancellationToken.None));
            return;
        }

        (await VaultVectors.RootKey.UnwrapAsync(vector.Bytes("wrapped"), CancellationToken.None)).ShouldBe(vector.Bytes("plaintext"));
    }

    [Fact]
    public void A_root_key_is_named_as_published() =>
        VaultVectors.RootKey.Id.ShouldBe(VaultVectors.Root.GetProperty("id").GetString());

    [Fact]
    public async Task The_vectors_hold_for_an_implementation_that_is_not_ours()
    {
        var start = new ProcessStartInfo("node", [Path.Combine(RepositoryPaths.Root, "tests", "vectors", "vault.mjs")])
        {
            RedirectStandardOutput = true,
        };
        using var node = Process.Start(start).ShouldNotBeNull();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();

        node.ExitCode.ShouldBe(0, output);
        output.ShouldStartWith($"{VaultVectors.Cases.Count() + VaultVectors.Rewraps.Count() + VaultVectors.RootCases.Count()} cases, 0 wrong");
    }
}
