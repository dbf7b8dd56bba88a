using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access.Trust;

/// <summary>What is personal, where people sign in with tokens of a platform: no second issuer, application or subject speaks for them.</summary>
public abstract class PersonalTokenTests(Head head) : TrustTest(head)
{
    private HttpClient _ann = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.MemberAsync("ann@example.org", "admin");
        await TrustAsync("people", "member:ann@example.org", """{"email":"ann@example.org"}""");
        _ann = Person("ann-subject");
        await _ann.VariableAsync("dev/MINE?scope=personal", "1");
    }

    [Fact]
    public async Task The_subject_that_wrote_first_is_the_member_and_no_other()
    {
        (await _ann.GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBe(["MINE"]);
        (await Person("somebody-else").GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
        (await Person(null).GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
        (await (await Host.KeyMadeByAsync(Operator, "member", "ann@example.org")).GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
        (await (await Host.KeyMadeByAsync(_ann, "member", "ann@example.org")).GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBe(["MINE"]);
    }

    [Fact]
    public async Task An_admin_who_writes_the_issuer_anew_is_not_believed_about_anybody()
    {
        // The same issuer by name with keys from elsewhere, another audience, and wider conditions.
        await TrustAsync("people", "member:ann@example.org", """{"email":"ann@example.org"}""", audience: "another-application");
        (await Person("ann-subject", "another-application").GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
        await TrustAsync("people", "member:ann@example.org", """{"sub":["ann-subject","mallory"]}""");
        (await Person("mallory").GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
        (await Person("ann-subject").GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBe(["MINE"]);
        await TrustAsync("people", "member:ann@example.org", """{"email":"ann@example.org"}""", issuer: Issuer.Name);
        (await Person("ann-subject").GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
    }

    [Fact]
    public async Task A_loan_to_an_issuer_ends_when_it_is_written_anew()
    {
        await Operator.AutomationAsync("deploy", owner: "ann@example.org");
        await _ann.AssignAsync("deploy", "dev", "MINE personal");
        await TrustAsync("ci", "automation:deploy", """{"sub":"machine"}""");
        var machine = Host.Client(Issuer.Sign(Claims(("sub", "machine"))));
        (await machine.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");

        (await _ann.PutAsync("/v1/trusted-issuers/ci/personal", "")).ShouldBeNothing();
        (await machine.ResolvedAsync("{}")).ShouldBe("MINE=1");
        ((string?)(await Operator.GetReplyAsync("/v1/trusted-issuers/ci")).Json["personalOf"]).ShouldBe("ann@example.org");
        await TrustAsync("ci", "automation:deploy", """{"sub":"machine"}""");
        (await machine.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");

        (await PutAsync(_ann, "ci", "automation:deploy", """{"sub":"machine"}""")).ShouldBe(200);
        (await machine.ResolvedAsync("{}")).ShouldBe("MINE=1");
        (await _ann.DeleteReplyAsync("/v1/trusted-issuers/ci/personal")).ShouldBeNothing();
        (await machine.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
        (await _ann.DeleteReplyAsync("/v1/trusted-issuers/ci/personal")).ShouldBeProblem(404, "personal.not_lent");
        (await _ann.PutAsync("/v1/trusted-issuers/none/personal", "")).ShouldBeProblem(404, "trusted_issuer.not_found");
    }

    private HttpClient Person(string? subject, string audience = Audience) =>
        Host.Client(Issuer.Sign(Claims(("email", "ann@example.org"), ("sub", subject), ("aud", audience))));

    public sealed class Direct() : PersonalTokenTests(Head.Direct);

    public sealed class BehindARouter() : PersonalTokenTests(Head.BehindARouter);
}
