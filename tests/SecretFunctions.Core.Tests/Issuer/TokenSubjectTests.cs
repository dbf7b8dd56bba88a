using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.Tests.Issuer;

public sealed class TokenSubjectTests
{
    private static readonly TokenSubject Full = new("acme", "web", "prod", "billing");

    [Theory]
    [InlineData(SubjectScope.Organization, "org:acme")]
    [InlineData(SubjectScope.Project, "org:acme:project:web")]
    [InlineData(SubjectScope.Environment, "org:acme:project:web:environment:prod")]
    [InlineData(SubjectScope.Automation, "org:acme:project:web:environment:prod:automation:billing")]
    public void A_subject_names_no_more_than_its_scope(SubjectScope scope, string expected) => Full.Cut(scope).ToString().ShouldBe(expected);

    [Fact]
    public void A_name_with_a_colon_looks_like_no_other_subject() =>
        new TokenSubject("acme", "web:environment:prod", "de%3Av", null).ToString()
            .ShouldBe("org:acme:project:web%3Aenvironment%3Aprod:environment:de%253Av");

    [Fact]
    public void A_subject_ends_before_the_first_part_it_lacks() =>
        new TokenSubject("acme", null, "prod", "billing").ToString().ShouldBe("org:acme");

    [Theory]
    [InlineData(SubjectScope.Organization, true)]
    [InlineData(SubjectScope.Project, true)]
    [InlineData(SubjectScope.Environment, true)]
    [InlineData(SubjectScope.Automation, false)]
    public void Without_automation_a_subject_reaches_the_environment(SubjectScope scope, bool reaches) =>
        (Full with { Automation = null }).Reaches(scope).ShouldBe(reaches);
}
