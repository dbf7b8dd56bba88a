using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

public sealed class VariableKeyTests
{
    [Theory]
    [InlineData("A")]
    [InlineData("_")]
    [InlineData("OPENAI_API_KEY")]
    [InlineData("camelCase9")]
    public void A_key_is_letters_digits_and_underscores(string text)
    {
        VariableKey.TryParse(text, out var key).ShouldBeTrue();
        key.Value.ShouldBe(text);
        key.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("9LIVES")]
    [InlineData("A-B")]
    [InlineData("A B")]
    [InlineData(" A")]
    [InlineData("A\n")]
    [InlineData("KÉY")]
    [InlineData("KEY\u0661")]
    public void Anything_else_is_not_a_key(string? text)
    {
        VariableKey.TryParse(text, out var key).ShouldBeFalse();
        key.ShouldBe(default);
    }

    [Fact]
    public void A_key_has_at_most_128_characters()
    {
        VariableKey.TryParse(new string('K', 128), out _).ShouldBeTrue();
        VariableKey.TryParse(new string('K', 129), out _).ShouldBeFalse();
    }

    [Fact]
    public void Keys_that_differ_in_case_are_different()
    {
        VariableKey.TryParse("key", out var lower).ShouldBeTrue();
        VariableKey.TryParse("KEY", out var upper).ShouldBeTrue();
        lower.ShouldNotBe(upper);
    }

    [Fact]
    public void A_default_key_prints_but_has_no_value()
    {
        default(VariableKey).ToString().ShouldBe("");
        Should.Throw<InvalidOperationException>(() => default(VariableKey).Value);
    }
}
