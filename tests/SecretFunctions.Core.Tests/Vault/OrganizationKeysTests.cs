using System.Security.Cryptography;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Vault;

public sealed class OrganizationKeysTests
{
    private static readonly SealContext Home = new("abcdefghij", "variable/prod/organization/KEY", 1);

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Stored_keys_open_what_was_sealed_before()
    {
        var stored = await OrganizationKeys.CreateAsync(VaultVectors.RootKey, "abcdefghij", DateTimeOffset.UnixEpoch, None);
        var before = await OrganizationKeys.UnwrapAsync(VaultVectors.RootKey, "abcdefghij", stored, known: null, None);
        var envelope = Envelope.Seal(before, Home, "value"u8);

        var after = await OrganizationKeys.UnwrapAsync(VaultVectors.RootKey, "abcdefghij", stored, known: null, None);

        using var value = Envelope.Open(after, Home, envelope).ShouldNotBeNull();
        value.Reveal().ToArray().ShouldBe("value"u8.ToArray());
        after.Fingerprint("value"u8).ShouldBe(before.Fingerprint("value"u8));
    }

    [Fact]
    public async Task Keys_of_one_organization_are_refused_in_another()
    {
        var stored = await OrganizationKeys.CreateAsync(VaultVectors.RootKey, "abcdefghij", DateTimeOffset.UnixEpoch, None);

        await Should.ThrowAsync<RootKeyException>(() => OrganizationKeys.UnwrapAsync(VaultVectors.RootKey, "bcdefghijk", stored, known: null, None));
    }

    [Fact]
    public async Task An_identity_key_does_not_pass_for_a_wrapping_key_nor_one_version_for_another()
    {
        var stored = await OrganizationKeys.CreateAsync(VaultVectors.RootKey, "abcdefghij", DateTimeOffset.UnixEpoch, None);
        var swapped = stored with { Wrapping = [new StoredKey(1, stored.Identity)] };
        var renumbered = stored with { Wrapping = [stored.Wrapping[0] with { Version = 2 }], Current = 2 };

        await Should.ThrowAsync<RootKeyException>(() => OrganizationKeys.UnwrapAsync(VaultVectors.RootKey, "abcdefghij", swapped, known: null, None));
        await Should.ThrowAsync<RootKeyException>(() => OrganizationKeys.UnwrapAsync(VaultVectors.RootKey, "abcdefghij", renumbered, known: null, None));
    }

    [Fact]
    public async Task Two_organizations_give_one_value_two_fingerprints()
    {
        var fingerprints = new HashSet<string>();
        foreach (var id in new[] { "abcdefghij", "bcdefghijk" })
        {
            var stored = await OrganizationKeys.CreateAsync(VaultVectors.RootKey, id, DateTimeOffset.UnixEpoch, None);
            fingerprints.Add((await OrganizationKeys.UnwrapAsync(VaultVectors.RootKey, id, stored, known: null, None)).Fingerprint("value"u8)).ShouldBeTrue();
        }

        fingerprints.ShouldAllBe(static fingerprint => fingerprint.Length == 12);
    }

    [Fact]
    public async Task A_root_key_that_was_disposed_wraps_nothing_under_zeros()
    {
        var root = new LocalRootKey(RandomNumberGenerator.GetBytes(LocalRootKey.KeyBytes));
        var wrapped = await root.WrapAsync("key"u8.ToArray(), None);
        root.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(async () => await root.WrapAsync("key"u8.ToArray(), None));
        await Should.ThrowAsync<ObjectDisposedException>(async () => await root.UnwrapAsync(wrapped, None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_root_key_has_32_bytes(int length) =>
        Should.Throw<ArgumentException>(() => new LocalRootKey(new byte[length]));
}
