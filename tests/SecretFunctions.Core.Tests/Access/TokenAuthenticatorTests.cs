using System.Text.Json.Nodes;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Access;

public sealed class TokenAuthenticatorTests
{
    private const string Issuer = "https://issuer.example.org";

    private static readonly Principal Crew = new(PrincipalType.Automation, "crew");

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_token_stands_for_the_principal_of_its_trusted_issuer_and_is_never_the_operator()
    {
        var instance = await StartAsync();
        var caller = (await instance.Authenticator.AuthenticateAsync(Token(), null, address: null, None)).ShouldSucceed().Caller;

        (caller.Principal, caller.KeyId, caller.OrganizationId, caller.IsOperator).ShouldBe((Crew, null, instance.OrganizationId, false));
        caller.Token.ShouldBe(new PresentedToken("ci", "someone", null));
        caller.Permissions.ToNames().ShouldBeEmpty();
        (caller with { Principal = Principal.Operator }).IsOperator.ShouldBeFalse();
    }

    [Fact]
    public async Task On_a_warm_instance_nothing_is_read_and_the_signature_is_checked_each_time()
    {
        var instance = await StartAsync();
        (await instance.Authenticator.AuthenticateAsync(Token(), null, address: null, None)).ShouldSucceed();
        instance.Store.Forget();
        var before = instance.ForeignTokens.Verified;

        (await instance.Authenticator.AuthenticateAsync(Token(), null, address: null, None)).ShouldSucceed();
        (await instance.Authenticator.AuthenticateAsync(Token()[..^1] + "A", null, address: null, None)).ShouldFail("auth.token_signature");

        instance.Store.Reads.ShouldBeEmpty();
        (instance.ForeignTokens.Verified - before).ShouldBe(2);
    }

    [Fact]
    public async Task An_automation_that_is_gone_is_not_let_in_whatever_is_left_of_the_trust_in_it()
    {
        var instance = await StartAsync();
        var stored = await instance.Store.GetAsync(instance.OrganizationId, Rows.TrustedIssuer("ci"), StoredJson.Default.TrustedIssuer, None);
        (await instance.Automations.DeleteAsync(instance.Owner, "crew", Precondition.None, release: false, None)).ShouldBeNull();
        (await instance.Authenticator.AuthenticateAsync(Token(), null, address: null, None)).ShouldFail("auth.issuer_not_trusted");

        var left = EntityWrite.Insert(Rows.TrustedIssuer("ci"), Documents.Serialize(stored!.Document, StoredJson.Default.TrustedIssuer));
        await instance.Store.WriteAsync(instance.OrganizationId, [left, EntityWrite.Upsert(Rows.Revision, new byte[] { 1 })], None);
        instance.Clock.Advance(Instance.Window);
        (await instance.Authenticator.AuthenticateAsync(Token(), null, address: null, None)).ShouldFail("auth.principal_gone");
    }

    [Fact]
    public async Task An_organization_made_again_does_not_inherit_what_the_destroyed_one_trusted()
    {
        var instance = await StartAsync();
        (await instance.Organizations.PutAsync(instance.Owner, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        var acme = instance.Owner with { OrganizationId = (await instance.Organizations.FindIdAsync("acme", None))!, OrganizationName = "acme" };
        await instance.MemberAsync("ann@example.org", by: acme);
        (await instance.TrustedIssuers.PutAsync(acme, "ci", Input(new Principal(PrincipalType.Member, "ann@example.org")), Precondition.None, None)).ShouldSucceed();
        (await instance.Authenticator.AuthenticateAsync(Token(), "acme", address: null, None)).ShouldSucceed();

        (await instance.Organizations.DeleteAsync(instance.Owner, "acme", Precondition.None, release: true, None)).ShouldBeNull();
        (await instance.Authenticator.AuthenticateAsync(Token(), "acme", address: null, None)).ShouldFail("auth.issuer_not_trusted");
        (await instance.Organizations.PutAsync(instance.Owner, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        (await instance.Authenticator.AuthenticateAsync(Token(), "acme", address: null, None)).ShouldFail("auth.issuer_not_trusted");

        acme = acme with { OrganizationId = (await instance.Organizations.FindIdAsync("acme", None))! };
        await instance.MemberAsync("bob@example.org", by: acme);
        (await instance.TrustedIssuers.PutAsync(acme, "ci", Input(new Principal(PrincipalType.Member, "bob@example.org")), Precondition.None, None)).ShouldSucceed();
        (await instance.Authenticator.AuthenticateAsync(Token(), "acme", address: null, None)).ShouldSucceed().Caller.Principal.Name.ShouldBe("bob@example.org");
    }

    [Theory]
    [InlineData("the.operator.of-this-deployment-4711-0815")]
    [InlineData("eyJ.but-nothing-that-is-json-follows.0123456789")]
    public async Task An_operator_s_own_key_may_have_dots(string key)
    {
        var instance = await Instance.StartAsync();
        await instance.Deployment.StartAsync(key, None);
        (await instance.Authenticator.AuthenticateAsync(key, null, address: null, None)).ShouldSucceed().Caller.IsOperator.ShouldBeTrue();
    }

    private static async Task<Instance> StartAsync()
    {
        var instance = await Instance.StartAsync();
        await instance.AutomateAsync("crew");
        (await instance.TrustedIssuers.PutAsync(instance.Owner, "ci", Input(Crew), Precondition.None, None)).ShouldSucceed();
        return instance;
    }

    private static TrustedIssuerInput Input(Principal principal) => new(Issuer, "us", [new ClaimCondition("sub", ["someone"])], principal, JwksUri: null);

    private static string Token() => PlainTokens.Sign(new JsonObject { ["iss"] = Issuer, ["aud"] = "us", ["sub"] = "someone" });
}
