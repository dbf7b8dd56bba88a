using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SecretFunctions.Providers.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>The double refuses what AWS would refuse: a test that passes against it must mean something.</summary>
public sealed class AwsDoubleTests : AwsTest
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate!.Issuer.Contains("SecretFunctions test root", StringComparison.Ordinal) },
    });

    [Fact]
    public async Task A_good_signature_is_accepted() => (await SendAsync(static _ => { })).Status.ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task A_request_without_a_signature_is_refused() =>
        (await SendAsync(request => request.Headers.Remove("Authorization"))).Body.ShouldContain("MissingAuthenticationTokenException");

    [Fact]
    public async Task Another_body_is_refused() =>
        (await SendAsync(request => request.Content = Content("""{"SecretId":"other"}"""))).Body.ShouldContain("InvalidSignatureException");

    [Fact]
    public async Task Another_operation_is_refused() => await IsRefusedAsync("x-amz-target", "secretsmanager.DescribeSecret");

    [Fact]
    public async Task Another_host_is_refused() =>
        (await SendAsync(static request => request.Headers.Host = "secretsmanager.eu-west-1.amazonaws.com")).Body.ShouldContain("InvalidSignatureException");

    [Fact]
    public async Task A_header_that_is_not_signed_is_refused() => await IsRefusedAsync("x-amz-other", "added");

    [Fact]
    public async Task A_session_token_that_is_not_the_keys_is_refused() =>
        (await SendAsync(keys: new AwsKeys(Fixture.User.AccessKeyId, Fixture.User.SecretAccessKey, "made-up", null)))
            .Body.ShouldContain("UnrecognizedClientException");

    [Theory]
    [InlineData("us-east-1", "secretsmanager")]
    [InlineData("eu-west-1", "sts")]
    public async Task A_signature_for_elsewhere_is_refused(string region, string service) =>
        (await SendAsync(scope: new AwsEndpoint(service, region, Aws.Address))).Body.ShouldContain("InvalidSignatureException");

    [Fact]
    public async Task A_signature_of_yesterday_is_refused()
    {
        var request = Signed(Aws.Address, Keys(), new AwsEndpoint("secretsmanager", Aws.Region, Aws.Address));
        Clock.Advance(TimeSpan.FromDays(1));
        (await AnswerAsync(request)).Body.ShouldContain("Signature expired");
    }

    [Fact]
    public async Task A_stale_place_in_a_listing_is_refused()
    {
        var answer = await SendAsync(body: """{"NextToken":"stale"}""", operation: "ListSecrets");
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Body.ShouldContain("InvalidNextTokenException");
    }

    private async Task IsRefusedAsync(string header, string value)
    {
        var answer = await SendAsync(request =>
        {
            request.Headers.Remove(header);
            request.Headers.TryAddWithoutValidation(header, value);
        });
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Body.ShouldContain("InvalidSignatureException");
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(
        Action<HttpRequestMessage>? tamper = null, AwsKeys? keys = null, AwsEndpoint? scope = null,
        string body = """{"SecretId":"openai"}""", string operation = "GetSecretValue")
    {
        Aws.Secrets.Put("openai", "sk-1");
        var request = Signed(Aws.Address, keys ?? Keys(), scope ?? new AwsEndpoint("secretsmanager", Aws.Region, Aws.Address), body, operation);
        tamper?.Invoke(request);
        return await AnswerAsync(request);
    }

    private AwsKeys Keys() => new(Fixture.User.AccessKeyId, Fixture.User.SecretAccessKey, null, null);

    private HttpRequestMessage Signed(
        Uri address, AwsKeys keys, AwsEndpoint scope, string body = """{"SecretId":"openai"}""", string operation = "GetSecretValue")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = Content(body) };
        request.Headers.Add("x-amz-target", $"secretsmanager.{operation}");
        SigV4.Sign(request, Encoding.UTF8.GetBytes(body), keys, scope, Clock.GetUtcNow());
        return request;
    }

    private static ByteArrayContent Content(string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        return content;
    }

    private static async Task<(HttpStatusCode Status, string Body)> AnswerAsync(HttpRequestMessage request)
    {
        using (request)
        using (var response = await Client.SendAsync(request))
        {
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }
}
