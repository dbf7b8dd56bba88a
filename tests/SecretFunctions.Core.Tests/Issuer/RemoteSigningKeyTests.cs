using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Issuer;

/// <summary>A key in a vault, whose owner makes its versions.</summary>
public sealed class RemoteSigningKeyTests
{
    private readonly VaultKey _vault = new();

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task The_newest_version_signs_at_once_where_nothing_was_ever_signed()
    {
        var (issuer, instance) = await StartAsync();

        var token = await issuer.MintAsync();

        Issuing.KeyId(token).ShouldBe(_vault.Newest.PublicKey.KeyId);
        await issuer.ShouldVerifyAsync(token);
        (await instance.RingAsync()).Document.Keys.Single().Private.ShouldBeNull();
    }

    [Fact]
    public async Task A_new_version_is_published_when_it_is_seen_and_signs_a_day_later()
    {
        var (issuer, instance) = await StartAsync();
        var first = Issuing.KeyId(await issuer.MintAsync());
        (await issuer.Directory.AdvanceAsync(None)).ShouldBeNull();
        _vault.Rotate();
        (await issuer.Directory.AdvanceAsync(None)).ShouldBeNull();
        _vault.Rotate(); // another one waits until this one signs

        (await issuer.Directory.AdvanceAsync(None)).ShouldBeNull();
        (await issuer.Directory.ReportAsync(None)).Keys.Count.ShouldBe(2);
        Issuing.KeyId(await issuer.MintAsync()).ShouldBe(first);
        instance.Clock.Advance(TimeSpan.FromHours(24));
        await issuer.ShouldVerifyAsync(await issuer.MintAsync());
        Issuing.KeyId(await issuer.MintAsync()).ShouldNotBe(first);
    }

    [Fact]
    public async Task A_rotation_without_a_new_version_says_what_to_do_and_stops_no_token()
    {
        var (issuer, instance) = await StartAsync();
        await issuer.MintAsync();
        (await issuer.Directory.RotateAsync(instance.Owner, None)).ShouldNotBeNull().Code.ShouldBe("signing_key.no_new_version");

        instance.Clock.Advance(TimeSpan.FromDays(100));
        (await issuer.Directory.AdvanceAsync(None)).ShouldNotBeNull().Code.ShouldBe("signing_key.no_new_version");

        await issuer.ShouldVerifyAsync(await issuer.MintAsync());
    }

    [Fact]
    public async Task A_revoked_version_does_not_come_back_though_it_is_the_newest()
    {
        var (issuer, instance) = await StartAsync();
        var first = Issuing.KeyId(await issuer.MintAsync());
        (await issuer.Directory.RevokeAsync(instance.Owner, first, Precondition.None, None)).ShouldBeNull();

        (await issuer.Tokens.MintAsync(new TokenRequest(Issuing.Crew, "a"), None)).ShouldFail("issuer.no_signing_key");
        (await issuer.PublishedAsync()).ShouldBeEmpty();
        _vault.Rotate();
        instance.Clock.Advance(TimeSpan.FromMinutes(1));

        Issuing.KeyId(await issuer.MintAsync()).ShouldBe(_vault.Newest.PublicKey.KeyId);
    }

    [Fact]
    public async Task An_earlier_version_that_the_vault_does_not_show_any_more_stops_no_other()
    {
        var (issuer, instance) = await StartAsync();
        await issuer.MintAsync();
        _vault.Rotate();
        (await issuer.Directory.AdvanceAsync(None)).ShouldBeNull();
        instance.Clock.Advance(TimeSpan.FromHours(24));
        _vault.Hidden = "v1";

        var fresh = new Remote(instance, _vault);
        await fresh.ShouldVerifyAsync(await fresh.MintAsync());
        (await fresh.PublishedAsync()).ShouldBe([_vault.Newest.PublicKey.KeyId]);

        _vault.Hidden = null;
        instance.Clock.Advance(IssuerKeys.ServedFor);
        (await fresh.PublishedAsync()).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_deployment_that_moves_to_a_vault_publishes_its_key_first()
    {
        var instance = await Issuing.StartAsync();
        var local = Issuing.KeyId(await instance.MintAsync());
        var issuer = new Remote(instance, _vault);

        (await issuer.Directory.AdvanceAsync(None)).ShouldBeNull();

        Issuing.KeyId(await issuer.MintAsync()).ShouldBe(local);
        instance.Clock.Advance(TimeSpan.FromHours(24));
        Issuing.KeyId(await issuer.MintAsync()).ShouldBe(_vault.Newest.PublicKey.KeyId);
    }

    [Fact]
    public async Task One_that_moves_away_from_a_vault_does_not_publish_keys_that_nobody_vouches_for()
    {
        var (issuer, instance) = await StartAsync();
        var remote = Issuing.KeyId(await issuer.MintAsync());

        var local = Issuing.KeyId(await instance.MintAsync());

        local.ShouldNotBe(remote);
        (await instance.PublishedAsync()).ShouldBe([local]);
    }

    [Fact]
    public async Task A_signature_that_is_not_the_keys_is_no_token()
    {
        var (issuer, _) = await StartAsync();
        _vault.Corrupt = true;

        (await issuer.Tokens.MintAsync(new TokenRequest(Issuing.Crew, "a"), None)).ShouldFail("issuer.signature_invalid");
    }

    private async Task<(Remote Issuer, Instance Instance)> StartAsync()
    {
        var instance = await Issuing.StartAsync();
        return (new Remote(instance, _vault), instance);
    }

    /// <summary>An issuer with the vault's key, on an instance's store.</summary>
    private sealed class Remote
    {
        private readonly IssuerKeys _keys;

        public Remote(Instance instance, IRemoteSigningKey vault)
        {
            var maker = new SigningKeyMaker(instance.RootKeys, IssuerOptions.Default, vault);
            Directory = new SigningKeyDirectory(instance.Store, maker, instance.Audit, IssuerOptions.Default, instance.Clock, instance.Logs.CreateLogger<SigningKeyDirectory>());
            _keys = new IssuerKeys(Directory, maker, IssuerOptions.Default, instance.Clock, Instance.Window, instance.Logs.CreateLogger<IssuerKeys>());
            Tokens = new TokenIssuer(instance.Issuer, _keys, IssuerOptions.Default, instance.Clock);
        }

        public SigningKeyDirectory Directory { get; }

        public TokenIssuer Tokens { get; }

        public Task<string> MintAsync() => Tokens.TextAsync();

        public Task<string[]> PublishedAsync() => _keys.PublishedAsync();

        public Task ShouldVerifyAsync(string token) => _keys.ShouldVerifyAsync(token);
    }

    private sealed class VaultKey : IRemoteSigningKey
    {
        private readonly List<Version> _versions = [new()];

        public string Address => "https://vault.example/keys/signing";

        public Version Newest => _versions[^1];

        public bool Corrupt { get; set; }

        /// <summary>A version that its owner has disabled.</summary>
        public string? Hidden { get; set; }

        public void Rotate() => _versions.Add(new Version());

        public Task<Result<RemoteKeyVersion>> GetNewestAsync(CancellationToken cancellationToken) =>
            Task.FromResult<Result<RemoteKeyVersion>>(new RemoteKeyVersion($"v{_versions.Count}", Newest.PublicKey));

        public Task<Result<ISigner>> OpenAsync(string version, CancellationToken cancellationToken) =>
            Task.FromResult(version == Hidden ? new Failure(FailureKind.Unavailable, "issuer.key_unavailable", "disabled") : Result.Of<ISigner>(new Signer(this, _versions[int.Parse(version[1..], System.Globalization.CultureInfo.InvariantCulture) - 1])));

        private sealed class Signer(VaultKey vault, Version version) : ISigner
        {
            public RsaPublicKey PublicKey => version.PublicKey;

            public Task<Result<byte[]>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken) =>
                Task.FromResult<Result<byte[]>>(version.Sign(vault.Corrupt ? new byte[32] : digest.ToArray()));
        }

        internal sealed class Version
        {
            private readonly RSA _rsa = RSA.Create(2048);

            public RsaPublicKey PublicKey => LocalSigner.PublicKeyOf(_rsa);

            public byte[] Sign(byte[] digest) => _rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }
}
