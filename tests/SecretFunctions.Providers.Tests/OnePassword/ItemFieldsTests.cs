using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.OnePassword;

namespace SecretFunctions.Providers.Tests.OnePassword;

public sealed class ItemFieldsTests
{
    private const string Login = """
        {"sections":[{"id":"s1","label":"Data base"},{"id":"s2","label":"a/b"},{"id":"s3","label":"s1"}],
         "fields":[
          {"id":"username","type":"STRING","purpose":"USERNAME","label":"user","value":"v-user"},
          {"id":"f1","type":"CONCEALED","purpose":"PASSWORD","label":"Kennwort","value":"v-\u00fc\n"},
          {"id":"f2","type":"STRING","label":"host name","section":{"id":"s1"},"value":"v-host"},
          {"id":"f3","type":"STRING","label":"twin","section":{"id":"s1"},"value":"v-twin-1"},
          {"id":"f4","type":"STRING","label":"twin","section":{"id":"s2"},"value":"v-twin-2"},
          {"id":"f5","type":"STRING","label":"f1","value":"v-label-like-an-id"},
          {"id":"f6","type":"STRING","label":"c/d","section":{"id":"s2"},"value":"v-slashes"},
          {"id":"f7","type":"STRING","label":"unfilled"},
          {"id":"f8","type":"STRING","label":"same","section":{"id":"s1"},"value":"v-same-1"},
          {"id":"f9","type":"STRING","label":"same","section":{"id":"s3"},"value":"v-same-3"},
          {"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain","value":"v-notes"}]}
        """;

    [Theory]
    [InlineData(null, "v-ü\n")] // purpose PASSWORD
    [InlineData("username", "v-user")] // id
    [InlineData("f1", "v-ü\n")] // an id goes before a label
    [InlineData("user", "v-user")] // label
    [InlineData("host name", "v-host")]
    [InlineData("Data base/host name", "v-host")] // section by label
    [InlineData("s1/host name", "v-host")] // section by id
    [InlineData("Data base/f2", "v-host")]
    [InlineData("Data base/twin", "v-twin-1")]
    [InlineData("a/b/twin", "v-twin-2")] // slashes in a section's label
    [InlineData("a/b/c/d", "v-slashes")] // and in a field's
    [InlineData("c/d", "v-slashes")]
    [InlineData("PASSWORD", "v-ü\n")] // purpose
    [InlineData("notes", "v-notes")]
    public void A_selector_finds_its_field(string? selector, string value)
    {
        Select(Login, selector).TryGet(out var found, out var failure).ShouldBeTrue(failure?.ToString());
        using (found)
        {
            Encoding.UTF8.GetString(found!.Reveal()).ShouldBe(value);
        }
    }

    [Theory]
    [InlineData("twin", ProviderFailure.InvalidRequest, "f3, f4")]
    [InlineData("s1/same", ProviderFailure.InvalidRequest, "f8, f9")] // One section's id is another's label.
    [InlineData("Kennwort ", ProviderFailure.KeyNotFound, "f1")]
    [InlineData("User", ProviderFailure.KeyNotFound, "username")]
    [InlineData("nowhere/twin", ProviderFailure.KeyNotFound, "f3")]
    [InlineData("/fields/0/value", ProviderFailure.KeyNotFound, "f3")]
    [InlineData("unfilled", ProviderFailure.KeyNotFound, "Fill it in")]
    public void Everything_else_is_an_error_that_names_ids_and_no_values(string selector, string code, string hint) =>
        Expect(Login, selector, code, hint);

    [Fact]
    public void Without_a_password_the_only_concealed_field_is_meant()
    {
        Select("""{"fields":[{"id":"a","type":"STRING","value":"v-a"},{"id":"b","type":"CONCEALED","value":"v-b"}]}""", null)
            .TryGet(out var found, out _).ShouldBeTrue();
        using (found)
        {
            Encoding.UTF8.GetString(found!.Reveal()).ShouldBe("v-b");
        }
    }

    [Theory]
    [InlineData("""{"fields":[{"id":"a","type":"CONCEALED","value":"v-a"},{"id":"b","type":"CONCEALED","value":"v-b"}]}""", ProviderFailure.InvalidRequest)]
    [InlineData("""{"fields":[{"id":"a","type":"STRING","value":"v-a"}]}""", ProviderFailure.KeyNotFound)]
    [InlineData("""{"fields":[]}""", ProviderFailure.KeyNotFound)]
    [InlineData("{}", ProviderFailure.KeyNotFound)]
    [InlineData("[1,2]", ProviderFailure.KeyNotFound)]
    [InlineData("{\"v-broken", ProviderFailure.NotJson)]
    public void Without_a_selector_doubt_is_an_error(string item, string code) => Expect(item, null, code, "");

    private static void Expect(string item, string? selector, string code, string hint)
    {
        var failure = Select(item, selector).Failure.ShouldNotBeNull();
        failure.Code.ShouldBe(code, failure.ToString());
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("v-");
    }

    private static Result<SecretValue> Select(string item, string? selector)
    {
        using var value = new SecretValue(Encoding.UTF8.GetBytes(item));
        return ItemFields.Select(value, selector);
    }
}
