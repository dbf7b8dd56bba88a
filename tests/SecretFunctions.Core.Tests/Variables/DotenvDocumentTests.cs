using System.Text;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

/// <summary>What the vectors cannot show: ownership, limits, and what errors keep to themselves.</summary>
public sealed class DotenvDocumentTests
{
    private const int Limit = DotenvDocument.MaxValueBytes;

    [Fact]
    public void A_hash_inside_quotes_is_not_a_comment()
    {
        Given.Assignments("A=\"x # y\"\nB='x # y'\nC=`x # y`")
            .ShouldBe(new Dictionary<string, string> { ["A"] = "x # y", ["B"] = "x # y", ["C"] = "x # y" }, ignoreOrder: true);
    }

    [Fact]
    public void An_entry_knows_the_line_it_starts_on()
    {
        DotenvDocument.Parse("\r\n# c\r\nA='1\r\n2'\r\n\r\nB=3"u8).TryGet(out var document, out _).ShouldBeTrue();
        using (document)
        {
            document!.Entries.Select(entry => $"{entry.Key} {entry.Line}").ShouldBe(["A 3", "B 6"]);
        }
    }

    [Fact]
    public void Disposing_the_document_clears_its_values()
    {
        DotenvDocument.Parse("A=1\nB=2"u8).TryGet(out var document, out _).ShouldBeTrue();
        var values = document!.Entries.Select(entry => entry.Value).ToArray();

        document.Dispose();

        foreach (var value in values)
        {
            Should.Throw<ObjectDisposedException>(() => value.Reveal().Length);
        }
    }

    [Fact]
    public void No_error_has_anything_of_its_line()
    {
        var document = "canary\ncanary canary=1\nA=\"canary\nB=\"x\" canary\nC=1\nC=canary\nD=canary\0\nE=canary\u0001"u8.ToArray();
        document[^1] = 0xFF;

        DotenvDocument.Parse(document).TryGet(out _, out var failure).ShouldBeFalse();

        failure!.Errors.Select(error => error.Line).ShouldBe([1, 2, 3, 4, 6, 7, 8]);
        foreach (var error in failure.Errors)
        {
            error.ToString().ShouldNotContain("canary");
            error.Key.ShouldBeNull();
        }

        failure.Detail.ShouldBe("The document has wrong lines: 7.");
    }

    [Fact]
    public void An_entry_prints_its_key_and_not_its_value()
    {
        DotenvDocument.Parse("A=canary"u8).TryGet(out var document, out _).ShouldBeTrue();
        using (document)
        {
            document!.Entries[0].ToString().ShouldNotContain("canary");
        }
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("'{0}'")]
    [InlineData("\"{0}\"")]
    public void A_value_has_at_most_64_KiB(string form)
    {
        var full = new string('x', Limit);
        Given.Assignments("A=" + form.Replace("{0}", full))["A"].ShouldBe(full);
        Given.Errors("\nA=" + form.Replace("{0}", full + "x") + "\nB").ShouldBe(["2 dotenv.value_too_large", "3 dotenv.missing_equals"]);
    }

    [Fact]
    public void The_limit_counts_what_the_escapes_stand_for()
    {
        Given.Assignments("A=\"" + string.Concat(Enumerable.Repeat("\\n", Limit)) + '"')["A"].ShouldBe(new string('\n', Limit));
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    public void A_document_in_another_encoding_is_one_clear_error(string name, bool byteOrderMark)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] document = [.. byteOrderMark ? encoding.GetPreamble() : [], .. encoding.GetBytes("KEY=value\nB=2\n")];
        Given.Errors(document).ShouldBe(["1 dotenv.utf16"]);
    }

    [Fact]
    public void A_duplicate_names_the_line_of_the_first()
    {
        DotenvDocument.Parse("\nA=1\nB=2\nA=3"u8).TryGet(out _, out var failure).ShouldBeFalse();
        failure!.Errors.ShouldHaveSingleItem().Detail.ShouldContain("line 2");
    }

    /// <summary>Quadratic, this would be 10^10 steps.</summary>
    [Theory(Timeout = 20_000)]
    [InlineData("A=\"\\\"\n")]
    [InlineData("A=\"b\n")]
    [InlineData("A='`\"\nB=`\nC=\"\n")]
    [InlineData("A='x\n=\"\\\n")]
    public async Task A_large_wrong_document_is_read_in_linear_time(string line)
    {
        var document = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, (1 << 20) / line.Length)) + "Z=\"");
        await Task.Run(() => DotenvDocument.Parse(document).TryGet(out _, out _).ShouldBeFalse());
    }
}
