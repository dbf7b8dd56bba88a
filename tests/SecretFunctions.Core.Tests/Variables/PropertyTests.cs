using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

public sealed class PropertyTests
{
    /// <summary>The characters that mean something to a parser here, and a few of every length in UTF-8.</summary>
    private static readonly Gen<string> TextGen =
        from parts in Gen.Elements("\"", "'", "`", "#", "=", "\\", "\n", "\r", "\r\n", " ", "\t", "A", "n", "r", "1", "{{", "}}", "{", "}", "$", "é", "日", "🔑", "\uFEFF", "~", "/", "~0", "~1", "\u0001", "\u00A0", "export ").ArrayOf()
        select string.Concat(parts);

    private static readonly Gen<string> KeyGen =
        from first in Gen.Elements("ABcd_".ToCharArray())
        from rest in Gen.Elements("ABcd_09".ToCharArray()).ArrayOf()
        select first + new string(rest);

    private static readonly Gen<byte[]> BytesGen = Gen.OneOf(
        from text in TextGen select Encoding.UTF8.GetBytes(text),
        from parts in Gen.Elements<byte[]>([0], [0xFF], [0xC3], [0xE2, 0x82], "A="u8.ToArray(), "\""u8.ToArray(), "'"u8.ToArray(), "\\"u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "[1,"u8.ToArray(), "\"A\":"u8.ToArray()).ArrayOf()
        select parts.SelectMany(part => part).ToArray());

    [Fact]
    public void What_is_written_in_dotenv_reads_back_in_every_quoting() =>
        Holds(
            from keys in KeyGen.ArrayOf()
            from values in TextGen.ArrayOf(keys.Length)
            from styles in Gen.Choose(0, 3).ArrayOf(keys.Length)
            from lineEnd in Gen.Elements("\n", "\r\n", "\r")
            select (Items: keys.Zip(values, styles).DistinctBy(item => item.First).ToArray(), LineEnd: lineEnd),
            written =>
            {
                var document = string.Concat(written.Items.Select(item => DotenvWriter.Write(item.First, item.Second, item.Third) + written.LineEnd));
                var read = Given.Assignments(document);
                read.ShouldBe(written.Items.ToDictionary(item => item.First, item => item.Second), ignoreOrder: true);
            });

    [Fact]
    public void A_dotenv_document_of_any_bytes_is_read_or_refused_with_lines_that_exist() =>
        Holds(BytesGen, bytes =>
        {
            if (DotenvDocument.Parse(bytes).TryGet(out var document, out var failure))
            {
                document.Dispose();
                return;
            }

            var lines = Encoding.Latin1.GetString(bytes).ReplaceLineEndings("\n").Split('\n').Length;
            failure.Errors.ShouldNotBeEmpty();
            failure.Errors.ShouldAllBe(error => error.Line >= 1 && error.Line <= lines);
            failure.Errors.Select(error => error.Line).ShouldBeUnique();
        });

    [Fact]
    public void A_template_without_placeholders_renders_to_itself() =>
        Holds(TextGen, text =>
        {
            Template.Parse(DotenvWriter.EscapeBraces(text)).TryGet(out var template, out var failure).ShouldBeTrue(failure?.Detail);
            template!.Keys.ShouldBeEmpty();
            TemplateTests.Render(template, _ => throw new InvalidOperationException("No key to look up.")).ShouldBe(text);
        });

    [Fact]
    public void Any_text_may_surround_a_placeholder_and_any_text_fill_it() =>
        Holds(
            from before in TextGen
            from value in TextGen
            from after in TextGen
            select (before, value, after),
            texts =>
            {
                // Backslashes right before the placeholder come in pairs; a brace there would join it.
                var before = texts.before.TrimEnd('{', '\\');
                var backslashes = texts.before.Length - texts.before.TrimEnd('\\').Length;
                var escaped = DotenvWriter.EscapeBraces(before) + new string('\\', 2 * backslashes) + "{{KEY}}" + DotenvWriter.EscapeBraces(texts.after);
                Template.Parse(escaped).TryGet(out var template, out var failure).ShouldBeTrue(failure?.Detail);
                TemplateTests.Render(template!, _ => texts.value).ShouldBe(before + new string('\\', backslashes) + texts.value + texts.after);
            });

    [Fact]
    public void A_template_of_any_text_is_parsed_or_refused() =>
        Holds(ArbMap.Default.GeneratorFor<string>().Or(TextGen), text => Template.Parse(text ?? "").ToString().ShouldNotBeEmpty());

    [Fact]
    public void A_reference_that_parses_prints_as_it_was() =>
        Holds(ArbMap.Default.GeneratorFor<string>().Or(TextGen), text =>
        {
            if (SecretReference.TryParse(text, out var reference))
            {
                reference.ToString().ShouldBe(text);
                reference.Name.ShouldNotBeEmpty();
            }
        });

    [Fact]
    public void A_selector_extracts_from_any_bytes_or_refuses() =>
        Holds(
            from bytes in BytesGen
            from selector in Gen.Elements("A", "/A", "/0/A", "/")
            select (bytes, selector),
            item =>
            {
                JsonFieldSelector.TryParse(item.selector, out var selector).ShouldBeTrue();
                selector.Extract(item.bytes).ToString().ShouldBeOneOf("[success]", "provider.not_json", "provider.key_not_found");
            });

    [Fact]
    public void Every_value_of_a_document_is_found_by_its_pointer() =>
        Holds(JsonGen.Document, json =>
        {
            using var document = JsonDocument.Parse(json);
            foreach (var (pointer, element) in JsonGen.Pointers(document.RootElement, ""))
            {
                JsonFieldSelector.TryParse(pointer, out var selector).ShouldBeTrue(pointer);
                selector.Extract(Encoding.UTF8.GetBytes(json)).TryGet(out var value, out var failure).ShouldBeTrue($"{pointer} {failure}");
                Given.Text(value!).ShouldBe(element.ValueKind == JsonValueKind.String ? element.GetString() : element.GetRawText());
            }
        });

    private static void Holds<T>(Gen<T> values, Action<T> property) =>
        Prop.ForAll(values.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
