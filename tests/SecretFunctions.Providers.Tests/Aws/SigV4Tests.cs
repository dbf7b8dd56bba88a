using System.Net.Http.Headers;
using SecretFunctions.Providers.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

public sealed class SigV4Tests
{
    private static readonly DateTimeOffset SignedAt = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>The vector of the wire contract, which an independent implementation has confirmed.</summary>
    [Theory]
    [InlineData("https://secretsmanager.eu-west-1.amazonaws.com/", "2b94d7a8b3dd5325832097b39b3eaf8881a82f791bb3b51166018d73885cf2c3")]
    [InlineData("http://127.0.0.1:18082/", "a4deacfd91837b7c0c90b4e96396021e9f377e81b6d51441cb96a3bb4cd3d4d5")]
    public void A_signature_is_the_golden_one(string address, string signature)
    {
        using var request = Signed(address, "SESSTOK");

        request.Headers.GetValues("Authorization").ShouldHaveSingleItem().ShouldBe(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/secretsmanager/aws4_request, "
            + "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target, "
            + $"Signature={signature}");
        request.Headers.GetValues("x-amz-content-sha256").ShouldBe(["7227c4904d7eb846597df701dfd13b04d89c5430503e382988cb012a73f9b47c"]);
        request.Headers.GetValues("x-amz-date").ShouldBe(["20260102T030405Z"]);
    }

    [Fact]
    public void Without_a_session_there_is_no_token_to_sign()
    {
        using var request = Signed("https://secretsmanager.eu-west-1.amazonaws.com/", null);
        request.Headers.Contains("x-amz-security-token").ShouldBeFalse();
        request.Headers.GetValues("Authorization").Single().ShouldNotContain("x-amz-security-token");
    }

    private static HttpRequestMessage Signed(string address, string? token)
    {
        var body = """{"SecretId":"a"}"""u8.ToArray();
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.Add("x-amz-target", "secretsmanager.GetSecretValue");
        var keys = new AwsKeys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, null);
        SigV4.Sign(request, body, keys, new AwsEndpoint("secretsmanager", "eu-west-1", new Uri(address)), SignedAt);
        return request;
    }
}
