using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Access;

public sealed class AuthenticatorTests
{
    private const string OperatorKey = "a-bootstrap-key-of-32-characters";

    private static readonly Principal Ci = new(PrincipalType.Service, "ci");

    private static readonly Dictionary<string, string> ViewValues = new() { ["secret_values"] = "view" };

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_key_stands_for_its_principal_with_its_narrowed_permissions()
    {
        var instance = await Instance.StartAsync();
        var (key, text) = await KeyAsync(instance, Ci, ViewValues, ["dev"]);

        var caller = (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed().Caller;

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
            failures.Add((await instance.Authenticator.AuthenticateAsync(token, null, None)).ShouldFail("auth.invalid"));
        }

        failures.Distinct().ShouldHaveSingleItem().Kind.ShouldBe(FailureKind.Unauthenticated);
        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed();
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_also_once_the_key_is_known()
    {
        var instance = await Instance.StartAsync();
        var (key, text) = await KeyAsync(instance, Ci, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed();

        (await instance.Authenticator.AuthenticateAsync($"sfk_{key.Id}_{new string('A', 43)}", null, None)).ShouldFail("auth.invalid");
    }

    [Fact]
    public async Task A_known_key_is_recognized_without_reading()
    {
        var instance = await Instance.StartAsync();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed();
        instance.Store.Forget();

        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed();

        instance.Store.Reads.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_is_good_until_the_moment_it_expires()
    {
        var instance = await Instance.StartAsync();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues, expiresAt: instance.Clock.GetUtcNow().AddMinutes(5));

        instance.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed();
        instance.Clock.Advance(TimeSpan.FromTicks(1));
        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldFail("auth.expired");
        (await instance.Authenticator.AuthenticateAsync(text[..^1], null, None)).ShouldFail("auth.invalid");
    }

    [Fact]
    public async Task A_revoked_key_is_refused_here_at_once_and_elsewhere_within_the_window()
    {
        var here = await Instance.StartAsync();
        var there = await here.SecondAsync();
        var (key, text) = await KeyAsync(here, Ci, ViewValues);
        (await there.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed();

        (await here.Keys.DeleteAsync(here.Owner, key.Id, Precondition.None, None)).ShouldBeNull();

        (await here.Authenticator.AuthenticateAsync(text, null, None)).ShouldFail("auth.invalid");
        there.Clock.Advance(Instance.Window);
        (await there.Authenticator.AuthenticateAsync(text, null, None)).ShouldFail("auth.invalid");
    }

    [Fact]
    public async Task A_key_belongs_to_its_organization_alone()
    {
        var instance = await Instance.StartAsync();
        (await instance.Organizations.PutAsync(instance.Owner, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues);

        (await instance.Authenticator.AuthenticateAsync(text, "default", None)).ShouldSucceed();
        (await instance.Authenticator.AuthenticateAsync(text, "acme", None)).ShouldFail("organization.not_found").Kind.ShouldBe(FailureKind.NotFound);
    }

    [Fact]
    public async Task The_operator_owns_every_organization_and_no_other_key_makes_an_operator()
    {
        var instance = await Instance.StartAsync();
        await instance.Deployment.StartAsync(OperatorKey, None);
        (await instance.Organizations.PutAsync(instance.Owner, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();

        var caller = (await instance.Authenticator.AuthenticateAsync(OperatorKey, "acme", None)).ShouldSucceed().Caller;
        (caller.IsOperator, caller.OrganizationName).ShouldBe((true, "acme"));
        (await instance.Authenticator.AuthenticateAsync(OperatorKey, "nowhere", None)).ShouldFail("organization.not_found");

        var (_, text) = await KeyAsync(instance, Principal.Operator, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed().Caller.IsOperator.ShouldBeFalse();
    }

    [Fact]
    public async Task A_key_of_a_deleted_organization_is_refused()
    {
        var instance = await Instance.StartAsync();
        var (_, text) = await KeyAsync(instance, Ci, ViewValues);
        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldSucceed();

        (await instance.Organizations.DeleteAsync(instance.Owner, "default", Precondition.None, release: false, None)).ShouldBeNull();

        (await instance.Authenticator.AuthenticateAsync(text, null, None)).ShouldFail("auth.invalid");
    }

    private static async Task<(ApiKey Key, string Text)> KeyAsync(
        Instance instance,
        Principal principal,
        IReadOnlyDictionary<string, string>? permissions,
        IReadOnlyList<string>? environments = null,
        DateTimeOffset? expiresAt = null) =>
        (await instance.Keys.CreateAsync(instance.Owner, new ApiKeyInput("k", principal, permissions, null, environments, expiresAt), None)).ShouldSucceed();
}
