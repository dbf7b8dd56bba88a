using SecretFunctions.Storage.Tables;

namespace SecretFunctions.Storage.Tests.Tables;

public sealed class TablesAccountTests
{
    private const string Key = "c2VjcmV0LWtleQ==";

    [Theory]
    [InlineData("AccountName=acct;AccountKey=" + Key, "https://acct.table.core.windows.net/")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=" + Key + ";EndpointSuffix=core.chinacloudapi.cn", "https://acct.table.core.chinacloudapi.cn/")]
    [InlineData(" accountname = acct ; accountkey = " + Key + " ;; TableEndpoint=http://127.0.0.1:1/acct;", "http://127.0.0.1:1/acct")]
    [InlineData("UseDevelopmentStorage=true", "http://127.0.0.1:10002/devstoreaccount1")]
    [InlineData("UseDevelopmentStorage=true;TableEndpoint=http://azurite:9/devstoreaccount1", "http://azurite:9/devstoreaccount1")]
    public void A_connection_string_gives_an_endpoint_and_a_key(string text, string endpoint)
    {
        TablesAccount.TryFromConnectionString(text, out var account, out var error).ShouldBeTrue(error);

        account.Endpoint.AbsoluteUri.ShouldBe(endpoint);
        account.Key.ShouldNotBeNull().ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(Key, "has no AccountName")]
    [InlineData("AccountName=acct;KeyWithoutName", "has no NAME=VALUE in part 2")]
    [InlineData("AccountName=acct", "has no AccountKey")]
    [InlineData("AccountKey=" + Key, "has no AccountName")]
    [InlineData("AccountName=acct;AccountKey=not+base64", "has an AccountKey that is not base64")]
    [InlineData("AccountName=a;AccountName=b;AccountKey=" + Key, "gives the setting of part 2 twice")]
    [InlineData("AccountName=acct;AccountKey=" + Key + ";TableEndpoint=acct", "does not give an http or https TableEndpoint (or DefaultEndpointsProtocol and EndpointSuffix)")]
    [InlineData("AccountName=acct;SharedAccessSignature=sig", "holds a SharedAccessSignature, which is not supported; use an AccountKey, or Tables:Endpoint with an identity")]
    public void A_malformed_connection_string_is_explained_without_its_values(string text, string expected)
    {
        TablesAccount.TryFromConnectionString(text, out _, out var error).ShouldBeFalse();

        error.ShouldBe(expected);
    }

    [Theory]
    [InlineData("acct.table.core.windows.net")]
    [InlineData("http://acct.table.core.windows.net")]
    [InlineData("https://user@acct.table.core.windows.net")]
    [InlineData("https://acct.table.core.windows.net?sig=x")]
    public void An_endpoint_is_a_plain_https_url(string text) =>
        TablesAccount.TryFromEndpoint(text, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData("abc", true)]
    [InlineData("SecretFunctions", true)]
    [InlineData("ab", false)]
    [InlineData("1abc", false)]
    [InlineData("a-bc", false)]
    [InlineData("abc\n", false)]
    public void A_table_name_is_checked_here(string name, bool valid) => TableEntityStore.IsTableName(name).ShouldBe(valid);
}
