using System.Buffers;
using System.Text;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

public sealed class TemplateTests
{
    public static TheoryData<string> Names => [.. Given.Cases("templates.json")];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_published_vectors_hold(string name)
    {
        var vector = Given.Case("templates.json", name);
        var parsed = Template.Parse(vector.GetProperty("template").GetString()!);
        if (vector.TryGetProperty("code", out var code))
        {
            parsed.TryGet(out _, out var failure).ShouldBeFalse();
            failure!.Code.ShouldBe(code.GetString());
            failure.Detail.ShouldContain($"at offset {vector.GetProperty("offset")} ");
            return;
        }

        parsed.TryGet(out var template, out _).ShouldBeTrue();
        template!.Keys.Select(key => key.Value).ShouldBe(vector.GetProperty("keys").EnumerateArray().Select(key => key.GetString()));
        Render(template, key => vector.GetProperty("values").GetProperty(key).GetString()!).ShouldBe(vector.GetProperty("rendered").GetString());
    }

    [Fact]
    public void A_value_is_never_expanded_again()
    {
        Template.Parse("{{A}}{{B}}").TryGet(out var template, out _).ShouldBeTrue();
        Render(template!, key => key == "A" ? "{{B}}\\{{{" : "{A}}").ShouldBe("{{B}}\\{{{{A}}");
    }

    [Fact]
    public void A_value_is_written_byte_for_byte()
    {
        Template.Parse("{{A}}").TryGet(out var template, out _).ShouldBeTrue();
        var output = new ArrayBufferWriter<byte>();
        template!.Render(output, _ => [0xFF, 0x00, 0xC3]);
        output.WrittenSpan.ToArray().ShouldBe([0xFF, 0x00, 0xC3]);
    }

    [Theory]
    [InlineData("canary {{canary!}}", 7)]
    [InlineData("canary {{canary", 7)]
    public void An_error_has_the_offset_and_nothing_of_the_text(string text, int offset)
    {
        Template.Parse(text).TryGet(out _, out var failure).ShouldBeFalse();
        failure!.Kind.ShouldBe(FailureKind.Invalid);
        failure.Detail.ShouldContain($"at offset {offset} ");
        failure.Detail.ShouldNotContain("canary");
    }

    [Fact]
    public void Half_a_surrogate_pair_is_an_error()
    {
        Template.Parse("{{A}}🔑\uD800x").TryGet(out _, out var failure).ShouldBeFalse();
        failure!.Code.ShouldBe("template.invalid_unicode");
        failure.Detail.ShouldContain("at offset 7 ");
    }

    [Fact]
    public void Measuring_tells_what_rendering_writes()
    {
        Template.Parse("é{{A}}\\{{{{A}}{{B}}").TryGet(out var template, out _).ShouldBeTrue();
        template!.Measure(key => key.Value == "A" ? "12345"u8 : ""u8).ShouldBe(2 + 5 + 2 + 5);
    }

    internal static string Render(Template template, Func<string, string> valueOf)
    {
        var output = new ArrayBufferWriter<byte>();
        template.Render(output, key => Encoding.UTF8.GetBytes(valueOf(key.Value)));
        template.Measure(key => Encoding.UTF8.GetBytes(valueOf(key.Value))).ShouldBe(output.WrittenCount);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
