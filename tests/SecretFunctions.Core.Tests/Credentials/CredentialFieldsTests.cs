using System.Text.Json;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Tests.Credentials;

public sealed class CredentialFieldsTests
{
    private static readonly ProviderField[] Fields =
    [
        new("address", "Where it is.") { Type = FieldType.Url, Check = static text => text.StartsWith("https:", StringComparison.Ordinal) ? null : "It is not https." },
        new("version", "Which.") { Required = false, Default = "2", Type = FieldType.Integer },
        new("note", "Anything.") { Required = false },
        new("key", "A key.") { Required = false, Type = FieldType.Object },
    ];

    private static readonly AuthScheme[] Schemes =
    [
        new(AuthScheme.Static, [new("token", "A token.")]),
        new(AuthScheme.Static, [new("id", "An id."), new("secret", "A secret.")]),
    ];

    [Theory]
    [InlineData("""{"address":"https://a"}""", "address=https://a version=2")]
    [InlineData("""{"address":"https://a","version":1,"note":null}""", "address=https://a version=1")]
    [InlineData("""{"address":"https://a","key":{"a":[1]}}""", """address=https://a version=2 key={"a":[1]}""")]
    public void Settings_are_what_was_given_with_defaults_filled_in(string json, string expected)
    {
        var errors = new List<FailureEntry>();

        var settings = CredentialFields.ReadSettings(Fields, Parse(json), errors);

        errors.ShouldBeEmpty();
        string.Join(' ', settings.Select(static pair => $"{pair.Key}={pair.Value}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{}", "address: Where it is. It is required.")]
    [InlineData("""{"address":"http://a"}""", "address: It is not https.")]
    [InlineData("""{"address":""}""", "address: It is empty.")]
    [InlineData("""{"address":"https://a\n"}""", "address: It has control characters.")]
    [InlineData("""{"address":7}""", "address: It must be a string.")]
    [InlineData("""{"address":"https://a","version":"2"}""", "version: It must be a whole number.")]
    [InlineData("""{"address":"https://a","version":1.5}""", "version: It must be a whole number.")]
    [InlineData("""{"address":"https://a","key":"{}"}""", "key: It must be a JSON object.")]
    public void A_wrong_field_is_named_and_its_value_is_not_repeated(string json, string expected)
    {
        var errors = new List<FailureEntry>();

        CredentialFields.ReadSettings(Fields, Parse(json), errors);

        errors.Select(static error => $"{error.Field}: {error.Detail}").ShouldBe([expected]);
    }

    [Fact]
    public void Everything_wrong_is_named_at_once()
    {
        var errors = new List<FailureEntry>();

        CredentialFields.ReadSettings(Fields, Parse("""{"adress":"https://a","version":true,"note":1}"""), errors);

        errors.Select(static error => $"{error.Field} {error.Code}").ShouldBe(
        [
            "adress credential.unknown_field", "address credential.field_missing", "version credential.field_invalid", "note credential.field_invalid",
        ]);
    }

    [Theory]
    [InlineData("""{"token":"t"}""", "token=t")]
    [InlineData("""{"id":"i","secret":"s"}""", "id=i secret=s")]
    public void The_first_way_that_fits_is_taken(string json, string expected)
    {
        var errors = new List<FailureEntry>();

        var values = CredentialFields.ReadAlternatives(Schemes, Parse(json), errors);

        errors.ShouldBeEmpty();
        string.Join(' ', values.Select(static pair => $"{pair.Key}={pair.Value}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"id":"i"}""", "auth.secret")]
    [InlineData("""{"token":1}""", "auth.token")]
    [InlineData("""{"token":"t","id":"i"}""", "auth.id")]
    public void Where_no_way_fits_the_errors_are_those_of_the_closest(string json, string field)
    {
        var errors = new List<FailureEntry>();

        CredentialFields.ReadAlternatives(Schemes, Parse(json), errors);

        errors.ShouldHaveSingleItem().Field.ShouldBe(field);
    }

    [Fact]
    public void Sealed_fields_come_back_as_they_were()
    {
        var fields = new Dictionary<string, string> { ["token"] = "quote \" backslash \\ line\n ü 🔑", ["key"] = """{"a":1}""" };

        var read = CredentialFields.Deserialize(CredentialFields.Serialize(fields));

        read.ToDictionary(static field => field.Key, static field => System.Text.Encoding.UTF8.GetString(field.Value.Reveal())).ShouldBe(fields);
    }

    private static Dictionary<string, JsonElement> Parse(string json) =>
        JsonElement.Parse(json).EnumerateObject().ToDictionary(static property => property.Name, static property => property.Value);
}
