using System.Net;
using System.Net.Http.Headers;
using SecretFunctions.Contracts;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>The typed client against answers that the service does not give.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task An_answer_that_is_no_problem_document_is_reported_without_its_body()
    {
        using var client = Client(HttpStatusCode.BadGateway, "text/html", "<h1>hunter2</h1>");

        var failure = await Should.ThrowAsync<SecretFunctionsException>(() => client.WhoamiAsync(CancellationToken.None));

        (failure.Status, failure.Code).ShouldBe((502, SecretFunctionsException.NotAnAnswer));
        failure.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task Values_in_an_answer_that_cannot_be_read_are_not_quoted()
    {
        using var client = Client(HttpStatusCode.OK, "application/json", """{"variables":{"A":"hunter2"},"sources":"hunter2" """);

        var failure = await Should.ThrowAsync<SecretFunctionsException>(() => client.ResolveAsync(new ResolveRequest(), CancellationToken.None));

        failure.Code.ShouldBe(SecretFunctionsException.NotAnAnswer);
        failure.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task A_problem_keeps_all_it_says()
    {
        using var client = Client(
            HttpStatusCode.FailedDependency,
            "application/problem+json",
            """
            {"type":"t","title":"t","status":424,"detail":"d","code":"resolve.failed","traceId":"x","hint":"h","later":"unknown to us",
             "errors":[{"code":"provider.throttled","detail":"e","key":"K","hint":"i","providerCode":"P"}]}
            """);

        var failure = await Should.ThrowAsync<SecretFunctionsException>(() => client.WhoamiAsync(CancellationToken.None));

        (failure.Status, failure.Code, failure.Detail, failure.Hint, failure.TraceId).ShouldBe((424, "resolve.failed", "d", "h", "x"));
        failure.Errors.ShouldBe([new ProblemEntry("provider.throttled", "e") { Key = "K", Hint = "i", ProviderCode = "P" }]);
    }

    [Fact]
    public async Task What_a_newer_service_adds_is_passed_over()
    {
        using var client = Client(
            HttpStatusCode.OK, "application/json", """{"principal":{"type":"member","name":"m","new":1},"organization":"o","permissions":{},"environments":null,"new":{}}""");

        (await client.WhoamiAsync(CancellationToken.None)).Organization.ShouldBe("o");
    }

    [Fact]
    public async Task Names_cannot_leave_their_place_in_the_address()
    {
        var requested = new List<string>();
        using var client = Client(HttpStatusCode.NoContent, "application/json", "", request => requested.Add(request.RequestUri!.AbsoluteUri));

        await client.DeleteVariableAsync(new("dev", "../x?y", "project:a&b"), CancellationToken.None);

        requested.ShouldBe(["https://proxy.example/secrets/v1/variables/dev/..%2Fx%3Fy?scope=project%3Aa%26b"]);
    }

    private static SecretFunctionsClient Client(HttpStatusCode status, string type, string body, Action<HttpRequestMessage>? seen = null) =>
        new(new Uri("https://proxy.example/secrets"), "key", organization: null, new FixedAnswer(status, type, body, seen));

    private sealed class FixedAnswer(HttpStatusCode status, string type, string body, Action<HttpRequestMessage>? seen) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen?.Invoke(request);
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, new MediaTypeHeaderValue(type)) });
        }
    }
}
