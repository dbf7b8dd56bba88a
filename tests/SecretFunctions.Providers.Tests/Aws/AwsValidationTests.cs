using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Aws;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tests.Aws;

public sealed class AwsValidationTests : IDisposable
{
    private readonly ProviderHttp _http = new(new ProviderHttpOptions());

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("eu-west-1", "https://secretsmanager.eu-west-1.amazonaws.com/", "https://sts.eu-west-1.amazonaws.com/")]
    [InlineData("us-east-1", "https://secretsmanager.us-east-1.amazonaws.com/", "https://sts.us-east-1.amazonaws.com/")]
    [InlineData("cn-north-1", "https://secretsmanager.cn-north-1.amazonaws.com.cn/", "https://sts.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-gov-west-1", "https://secretsmanager.us-gov-west-1.amazonaws.com/", "https://sts.us-gov-west-1.amazonaws.com/")]
    [InlineData("eusc-de-east-1", "https://secretsmanager.eusc-de-east-1.amazonaws.eu/", "https://sts.eusc-de-east-1.amazonaws.eu/")]
    public void A_region_has_its_own_addresses(string region, string secretsManager, string sts)
    {
        AwsNames.CheckRegion(region).ShouldBeNull();
        AwsEndpoint.SecretsManager(region, _http).Address.ShouldBe(new Uri(secretsManager));
        AwsEndpoint.Sts(region, _http).Address.ShouldBe(new Uri(sts));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EU-WEST-1")]
    [InlineData("eu-west-1.evil.example/")]
    [InlineData("eu-west-1\n")]
    [InlineData("eu-west")]
    [InlineData("x@y-a-1")]
    public void What_is_no_region_cannot_become_a_host(string region) => AwsNames.CheckRegion(region).ShouldNotBeNull();

    [Theory]
    [InlineData("openai", null)]
    [InlineData("prod/db_password+x=1.2@team-A", "AWSCURRENT")]
    [InlineData("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3", "6fd8cf2b-3c4f-4b2a-9f52-0d7c4dd0ad51")]
    [InlineData("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db", "MYSTAGE")]
    public void An_address_that_can_exist_is_accepted(string name, string? version) =>
        Provider().ValidateAddress(new SecretAddress(name, version)).ShouldBeNull();

    [Theory]
    [InlineData("", null)]
    [InlineData("with space", null)]
    [InlineData("with\nnewline", null)]
    [InlineData("name\n", null)]
    [InlineData("semi;colon", null)]
    [InlineData("arn:aws:s3:::bucket", null)]
    [InlineData("arn:aws:secretsmanager:eu-west-1:123:secret:db", null)]
    [InlineData("openai", "")]
    [InlineData("openai", "with space")]
    public void An_address_that_cannot_exist_is_refused(string name, string? version) =>
        Provider().ValidateAddress(new SecretAddress(name, version)).ShouldNotBeNull().Kind.ShouldBe(FailureKind.Invalid);

    [Fact]
    public void A_name_may_have_512_characters_and_not_513()
    {
        Provider().ValidateAddress(new SecretAddress(new string('n', 512), null)).ShouldBeNull();
        Provider().ValidateAddress(new SecretAddress(new string('n', 513), null)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("accessKeyId", "AKIAIOSFODNN7EXAMPLE", true)]
    [InlineData("accessKeyId", "short", false)]
    [InlineData("accessKeyId", "AKIAIOSFODNN7EXAMPLE\n", false)]
    [InlineData("secretAccessKey", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", true)]
    [InlineData("secretAccessKey", "with space", false)]
    [InlineData("sessionToken", "line\r\nbreak", false)]
    [InlineData("roleArn", "arn:aws:iam::123456789012:role/path/reader", true)]
    [InlineData("roleArn", "reader", false)]
    [InlineData("externalId", "acme:2024/x", true)]
    [InlineData("externalId", "~", false)]
    public void A_field_is_checked_without_repeating_it(string field, string value, bool good)
    {
        var problem = Provider().AuthSchemes.Single(scheme => scheme.Type == AuthScheme.Static).Fields.Single(f => f.Name == field).Check(value);
        (problem is null).ShouldBe(good);
        problem?.ShouldNotContain(value);
    }

    [Fact]
    public void Fields_that_do_not_go_together_are_all_named() =>
        Validate("eu-west-1", ("accessKeyId", "ASIAIOSFODNN7EXAMPLE"), ("secretAccessKey", "s"), ("externalId", "acme"))
            .ShouldBe(["auth.externalId", "auth.sessionToken"]);

    [Fact]
    public void A_role_must_be_of_the_regions_partition()
    {
        Validate("cn-north-1", ("accessKeyId", "AKIAIOSFODNN7EXAMPLE"), ("roleArn", "arn:aws:iam::123456789012:role/reader")).ShouldBe(["auth.roleArn"]);
        Validate("cn-north-1", ("accessKeyId", "AKIAIOSFODNN7EXAMPLE"), ("roleArn", "arn:aws-cn:iam::123456789012:role/reader")).ShouldBeEmpty();
    }

    [Fact]
    public void A_session_is_named_after_its_credential_within_what_AWS_allows()
    {
        AwsNames.SessionName("aws-prod").ShouldBe("secretfunctions-aws-prod");
        AwsNames.SessionName(new string('c', 63)).Length.ShouldBe(64);
        AwsNames.SessionName("späce d").ShouldBe("secretfunctions-sp-ce-d");
    }

    [Fact]
    public void Keys_do_not_print_themselves() =>
        new AwsKeys("AKIAIOSFODNN7EXAMPLE", "hidden", "hidden", null).ToString().ShouldBe("[redacted]");

    private AwsSecretsManagerProvider Provider() => new(_http, TimeProvider.System, NullLoggerFactory.Instance);

    private IEnumerable<string?> Validate(string region, params (string Name, string Value)[] fields)
    {
        using var auth = new ProviderAuth.Static(fields.ToDictionary(f => f.Name, f => new SecretValue(Encoding.UTF8.GetBytes(f.Value))));
        return [.. Provider().Validate(new ProviderConnection("c", new Dictionary<string, string> { ["region"] = region }, auth)).Select(entry => entry.Field)];
    }
}
