using System.Net;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Access;

public sealed class AuthenticatorTests
{
    private const string OperatorKey = "a-bootstrap-key-of-32-characters";

    private static readonly Principal Ci = new(PrincipalType.Service, "ci");

    private static readonly Dictionary<string, string> ViewValues = new() { ["secret_values"] = "view" };

    private static readonly IPAddress There = IPAddress.Parse("192.0.2.1");

    private static readonly IPAddress Elsewhere = IPAddress.Parse("198.51.100.1");

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_key_stands_for_its_principal_with_its_narrowed_permissions()
    {
        var instance = await Instance.StartAsync();
        var (key, text) = await KeyAsync(instance, Ci, ViewValues, ["dev"]);

        var caller = (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed().Caller;

        (caller.Principal, caller.KeyId, caller.OrganizationId).ShouldBe((Ci, key.Id, instance.OrganizationId));
        caller.Permissions.ToNames().ShouldBe(ViewValues);
        caller.Environments.ShouldBe(["dev"]);
    }

    [Fact]
    public async Task Every_wrong_key_gets_the_same_answer()
    {
        var instance = await Instance.StartAsync();
        var (key, text) = await KeyAsync(instance, Ci, ViewValues);
        string[] wrong =
        [
            "", "short", new string('x', 600), "no key of ours but long enough to be one",
            text[..^1] + (text[^1] == 'A' ? 'E' : 'A'),
            text[..^1],
            text + "A",
            $"sfk_{key.Id}_x",
            $"sfk_{instance.OrganizationId}aaaaaaaaaa_{text[25..]}",
            $"sfk_zzzzzzzzzzaaaaaaaaaa_{text[25..]}",
            text.ToUpperInvariant(),
        ];

        var failures = new List<Failure>();
        foreach (var token in wrong)
        {
            failures.Add((await instance.Authenticator.AuthenticateAsync(token, null, address: null, None)).ShouldFail("auth.invalid"));
        }

        failures.Distinct().ShouldHaveSingleItem().Kind.ShouldBe(FailureKind.Unauthenticated);
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_also_once_the_key_is_known()
    {
        var instance = await Instance.StartAsync();
        var (key, text) = await KeyAsync(instance, Ci, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();

        (await instance.Authenticator.AuthenticateAsync($"sfk_{key.Id}_{new string('A', 43)}", null, address: null, None)).ShouldFail("auth.invalid");
    }

    [Fact]
    public async Task A_known_key_is_recognized_without_reading()
    {
        var instance = await Instance.StartAsync();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();
        instance.Store.Forget();

        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();

        instance.Store.Reads.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_is_good_until_the_moment_it_expires()
    {
        var instance = await Instance.StartAsync();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues, expiresAt: instance.Clock.GetUtcNow().AddMinutes(5));

        instance.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();
        instance.Clock.Advance(TimeSpan.FromTicks(1));
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldFail("auth.expired");
        (await instance.Authenticator.AuthenticateAsync(text[..^1], null, address: null, None)).ShouldFail("auth.invalid");
    }

    [Fact]
    public async Task A_revoked_key_is_refused_here_at_once_and_elsewhere_within_the_window()
    {
        var here = await Instance.StartAsync();
        var there = await here.SecondAsync();
        var (key, text) = await KeyAsync(here, Ci, ViewValues);
        (await there.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();

        (await here.Keys.DeleteAsync(here.Owner, key.Id, Precondition.None, None)).ShouldBeNull();

        (await here.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldFail("auth.invalid");
        there.Clock.Advance(Instance.Window);
        (await there.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldFail("auth.invalid");
    }

    [Fact]
    public async Task A_key_belongs_to_its_organization_alone()
    {
        var instance = await Instance.StartAsync();
        (await instance.Organizations.PutAsync(instance.Owner, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues);

        (await instance.Authenticator.AuthenticateAsync(text, "default", address: null, None)).ShouldSucceed();
        (await instance.Authenticator.AuthenticateAsync(text, "acme", address: null, None)).ShouldFail("organization.not_found").Kind.ShouldBe(FailureKind.NotFound);
    }

    [Fact]
    public async Task The_operator_owns_every_organization_and_no_other_key_makes_an_operator()
    {
        var instance = await Instance.StartAsync();
        await instance.Deployment.StartAsync(OperatorKey, None);
        (await instance.Organizations.PutAsync(instance.Owner, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();

        var caller = (await instance.Authenticator.AuthenticateAsync(OperatorKey, "acme", address: null, None)).ShouldSucceed().Caller;
        (caller.IsOperator, caller.OrganizationName).ShouldBe((true, "acme"));
        (await instance.Authenticator.AuthenticateAsync(OperatorKey, "nowhere", address: null, None)).ShouldFail("organization.not_found");

        var (_, text) = await KeyAsync(instance, Principal.Operator, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed().Caller.IsOperator.ShouldBeFalse();
    }

    [Fact]
    public async Task A_key_of_a_deleted_organization_is_refused()
    {
        var instance = await Instance.StartAsync();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();

        (await instance.Organizations.DeleteAsync(instance.Owner, "default", Precondition.None, release: false, None)).ShouldBeNull();

        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldFail("auth.invalid");
    }

    [Fact]
    public async Task A_right_key_passes_whatever_others_failed_with_its_id_or_from_its_address()
    {
        var instance = await Instance.StartAsync();
        var (key, text) = await KeyAsync(instance, Ci, ViewValues);
        for (var i = 0; i < 100; i++)
        {
            await instance.Authenticator.AuthenticateAsync($"sfk_{key.Id}_{new string('A', 43)}", null, There, None);
        }

        (await instance.Authenticator.AuthenticateAsync($"sfk_{key.Id}_{new string('A', 43)}", null, Elsewhere, None))
            .ShouldFail("auth.too_many_failures").Errors.ShouldHaveSingleItem().Code.ShouldBe("auth.invalid");
        (await instance.Authenticator.AuthenticateAsync(text, null, There, None)).ShouldSucceed();
        (await instance.Authenticator.AuthenticateAsync(text, null, Elsewhere, None)).ShouldSucceed();
    }

    [Fact]
    public async Task Guesses_at_a_made_up_operator_key_are_not_even_compared_when_there_were_many_from_one_address()
    {
        var instance = await Instance.StartAsync();
        await instance.Deployment.StartAsync(OperatorKey, None);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () => await instance.Authenticator.AuthenticateAsync($"a guess that is long enough, number {i}", null, There, None))));

        (await instance.Authenticator.AuthenticateAsync(OperatorKey, null, There, None)).ShouldFail("auth.too_many_failures").Errors.ShouldBeEmpty();
        (await instance.Authenticator.AuthenticateAsync(OperatorKey, null, Elsewhere, None)).ShouldSucceed();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, There, None)).ShouldSucceed();

        instance.Clock.Advance(TimeSpan.FromSeconds(6));
        instance.Store.BeforeRead = static _ => throw new StoreUnavailableException("It is away.");
        for (var i = 0; i < 100; i++)
        {
            await Should.ThrowAsync<StoreUnavailableException>(async () => await instance.Authenticator.AuthenticateAsync(OperatorKey, null, There, None));
        }

        instance.Store.BeforeRead = null;
        for (var i = 0; i < 100; i++)
        {
            (await instance.Authenticator.AuthenticateAsync(OperatorKey, null, There, None)).ShouldSucceed();
        }
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("0123456701234567012345670123456701234567012345670123456701234567", false)]
    [InlineData("0123456012345601234560123456012345601234560123456012345601234560", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg", true)]
    public async Task An_operator_whose_key_is_random_is_never_locked_out(string key, bool canBe)
    {
        var instance = await Instance.StartAsync();
        await instance.Deployment.StartAsync(key, None);
        for (var i = 0; i < 100; i++)
        {
            await instance.Authenticator.AuthenticateAsync($"a guess that is long enough, number {i}", null, There, None);
        }

        (await instance.Authenticator.AuthenticateAsync(key, null, There, None)).Failure?.Code.ShouldBe(canBe ? "auth.too_many_failures" : null);
    }

    private static async Task<(ApiKey Key, string Text)> KeyAsync(
        Instance instance,
        Principal principal,
        IReadOnlyDictionary<string, string>? permissions,
        IReadOnlyList<string>? environments = null,
        DateTimeOffset? expiresAt = null) =>
        (await instance.Keys.CreateAsync(instance.Owner, new ApiKeyInput("k", principal, permissions, null, environments, expiresAt), None)).ShouldSucceed();
}
