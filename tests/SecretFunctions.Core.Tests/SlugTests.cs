namespace SecretFunctions.Core.Tests;

public sealed class SlugTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("aws-prod_1.eu")]
    [InlineData("a-")]
    public void A_slug_is_lower_case_letters_digits_dots_underscores_and_hyphens(string text)
    {
        Slug.TryParse(text, out var slug).ShouldBeTrue();
        slug.Value.ShouldBe(text);
        slug.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("_a")]
    [InlineData("A")]
    [InlineData("aB")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    [InlineData("é")]
    public void Anything_else_is_not_a_slug(string? text)
    {
        Slug.TryParse(text, out var slug).ShouldBeFalse();
        slug.ShouldBe(default);
    }

    [Fact]
    public void A_slug_has_at_most_63_characters()
    {
        Slug.TryParse(new string('a', 63), out _).ShouldBeTrue();
        Slug.TryParse(new string('a', 64), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_default_slug_prints_but_has_no_value()
    {
        default(Slug).ToString().ShouldBe("");
        Should.Throw<InvalidOperationException>(() => default(Slug).Value);
    }
}
