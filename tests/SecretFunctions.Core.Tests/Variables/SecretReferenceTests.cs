using System.Text;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

public sealed class SecretReferenceTests
{
    public static TheoryData<string> Names => [.. Given.Cases("references.json")];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_published_vectors_hold(string name)
    {
        var vector = Given.Case("references.json", name);
        var text = vector.GetProperty("reference").GetString();
        if (!vector.TryGetProperty("secret", out var secret))
        {
            SecretReference.TryParse(text, out var none).ShouldBeFalse();
            none.ShouldBe(default);
            return;
        }

        SecretReference.TryParse(text, out var reference).ShouldBeTrue();
        reference.Name.ShouldBe(secret.GetString());
        reference.Field?.Value.ShouldBe(vector.GetProperty("field").GetString());
        reference.Field.HasValue.ShouldBe(vector.TryGetProperty("field", out _));
        reference.ToString().ShouldBe(text);
        if (vector.TryGetProperty("document", out var document))
        {
            var extracted = reference.Field!.Value.Extract(Encoding.UTF8.GetBytes(document.GetString()!));
            extracted.TryGet(out var value, out var failure);
            (failure?.Code ?? Given.Text(value!)).ShouldBe((vector.TryGetProperty("code", out var code) ? code : vector.GetProperty("value")).GetString());
        }
    }

    [Fact]
    public void References_with_the_same_text_are_equal()
    {
        SecretReference.TryParse("db#password", out var one).ShouldBeTrue();
        SecretReference.TryParse("db#password", out var two).ShouldBeTrue();
        one.ShouldBe(two);
    }

    [Fact]
    public void A_reference_has_at_most_2048_characters()
    {
        SecretReference.TryParse(new string('x', 2048), out _).ShouldBeTrue();
        SecretReference.TryParse(new string('x', 2049), out _).ShouldBeFalse();
    }

    [Fact]
    public void Half_a_surrogate_pair_is_not_part_of_a_reference()
    {
        SecretReference.TryParse("a\uD800", out _).ShouldBeFalse();
        SecretReference.TryParse("a#\uDC00", out _).ShouldBeFalse();
    }

    [Fact]
    public void A_default_reference_prints_but_has_no_name()
    {
        default(SecretReference).ToString().ShouldBe("");
        Should.Throw<InvalidOperationException>(() => default(SecretReference).Name);
        Should.Throw<InvalidOperationException>(() => default(JsonFieldSelector).Extract("{}"u8));
    }
}
