using System.Text.Json.Nodes;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

namespace SecretFunctions.Core.Tests.WorkloadIdentity.TrustPolicies;

/// <summary>Whatever a text holds, it stays text.</summary>
public sealed class QuotingTests
{
    [Theory]
    [InlineData("", "''")]
    [InlineData("$HOME `id` $(id) \\ \"", "'$HOME `id` $(id) \\ \"'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("'", "''\\'''")]
    [InlineData("a\nb", "'a\nb'")]
    [InlineData("-x", "'-x'")]
    public void Shell(string text, string quoted) => Quoting.Shell(text).ShouldBe(quoted);

    [Fact]
    public void A_here_document_ends_at_a_word_that_it_does_not_hold() =>
        Quoting.HereDocument("cat", "END", "a\nEND\nEND_\nb\n").ShouldBe("cat <<'END__'\na\nEND\nEND_\nb\nEND__\n");

    [Theory]
    [InlineData("a\"b\\c", """
        "a\"b\\c"
        """)]
    [InlineData("${x} %{y} $${z} $ %", """
        "$${x} %%{y} $$${z} $ %"
        """)]
    [InlineData("a\nb\r\t\u0001", """
        "a\nb\r\t\u0001"
        """)]
    [InlineData("it's `é`", """
        "it's `é`"
        """)]
    public void Hcl(string text, string quoted) => Quoting.Hcl(text).ShouldBe(quoted);

    [Theory]
    [InlineData("it's \\ \"x\" `y`", """
        'it\'s \\ "x" `y`'
        """)]
    [InlineData("${x} $x", """
        '\${x} $x'
        """)]
    [InlineData("a\nb\u0001", """
        'a\nb\u{1}'
        """)]
    public void Bicep(string text, string quoted) => Quoting.Bicep(text).ShouldBe(quoted);

    [Theory]
    [InlineData("it's: \"x\" # & * ! {y}", """
        "it's: \"x\" # & * ! {y}"
        """)]
    [InlineData("yes\n- !policy\u2028", """
        "yes\n- !policy\u2028"
        """)]
    public void Yaml(string text, string quoted) => Quoting.Yaml(text).ShouldBe(quoted);

    [Theory]
    [InlineData("a\" || true || \"", """
        "a\" || true || \""
        """)]
    [InlineData("a\\", """
        "a\\"
        """)]
    public void Cel(string text, string quoted) => Quoting.Cel(text).ShouldBe(quoted);

    [Theory]
    [InlineData("${aws:username}", "${$}{aws:username}")]
    [InlineData("$x {y} *", "$x {y} *")]
    public void Iam(string text, string quoted) => Quoting.Iam(text).ShouldBe(quoted);

    [Theory]
    [InlineData("a b c", "a,b,c")]
    [InlineData("a,x b", "^<0>^a,x<0>b")]
    [InlineData("^x^ b", "^<0>^^x^<0>b")]
    [InlineData("a,<0> b", "^<1>^a,<0><1>b")]
    public void A_list_of_gcloud(string values, string quoted) => Quoting.GcloudList(values.Split(' ')).ShouldBe(quoted);

    [Fact]
    public void Json_holds_what_it_was_given()
    {
        var text = Trusting.Odd + "\n\u2028";
        JsonNode.Parse(Quoting.Json(new JsonObject { ["x"] = text }))!["x"]!.ToString().ShouldBe(text);
        Quoting.JsonLine(Quoting.JsonList([text])).ShouldNotContain("\n");
    }
}
