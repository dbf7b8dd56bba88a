using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.FunctionsHead;

public sealed class FunctionHeadTests
{
    private const string Good = """
        public sealed class Functions(ApiPipeline api, BackgroundWork work)
        {
            [Function("projects")]
            public Task RunAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/projects/{*path}")] HttpRequest request) => api.InvokeAsync(request.HttpContext);

            [Function("timer")]
            public Task RunTimerAsync([TimerTrigger("%Schedule%")] TimerInfo timer, CancellationToken token) => work.MaintainAsync(token);

            [Function("queue")]
            public Task RunQueueAsync([QueueTrigger("%Queue%")] string message, CancellationToken token) => work.ReceiveEventGridAsync(message, token);
        }
        """;

    private static readonly string[] Routes = ["GET /v1/projects", "PATCH /v1/projects/{project}", "GET /v1/projects/{project}/a/{b}"];

    [Fact]
    public async Task Every_route_of_the_API_is_reached_by_one_function_that_hands_it_over()
    {
        await using var host = await ApiHost.StartAsync(Head.Direct);
        var routes = (await Access.Routes.AllAsync(host)).SelectMany(Access.Routes.Names).ToArray();

        FunctionRules.Check(FunctionSources.Real().Functions, routes, FunctionSources.SampleSettings()).ShouldBeEmpty();
    }

    [Fact]
    public void The_head_has_its_timers_and_its_queue()
    {
        var functions = FunctionSources.Real().Functions;

        functions.Select(static function => function.Schedule).OfType<string>().ShouldBe(["%MaintenanceSchedule%", "%KeyRotationSchedule%"]);
        functions.Select(static function => function.Queue).OfType<string>().ShouldBe(["%RotationQueue%"]);
    }

    [Fact]
    public void A_head_as_it_should_be_is_found_to_be_so() => Check(Good).ShouldBeEmpty();

    [Theory]
    [InlineData("v1/projects/{*path}", "v1/project/{*path}", "GET /v1/projects is reached by no function.")]
    [InlineData("v1/projects/{*path}", "v1/projects/{project}", "GET /v1/projects/{project}/a/{b} is reached by no function.")]
    [InlineData("v1/projects/{*path}", "v1/projects", "projects has no route of its own with all that is below it.")]
    [InlineData("v1/projects/{*path}", "admin/{*path}", "projects has no route of its own with all that is below it.")]
    [InlineData("\"patch\", ", "", "PATCH /v1/projects/{project} is not let through by projects.")]
    [InlineData("\"options\", ", "", "projects does not take OPTIONS.")]
    [InlineData("AuthorizationLevel.Anonymous", "AuthorizationLevel.Function", "projects asks for a key of the platform's.")]
    [InlineData("public Task RunAsync", "public Task<IResult> RunAsync", "projects returns Task<IResult>.")]
    [InlineData("public Task RunAsync", "public async Task<int> RunAsync", "projects returns Task<int>.")]
    [InlineData("public Task RunAsync", "public void RunAsync", "projects returns void.")]
    [InlineData("=> api.InvokeAsync(request.HttpContext);", "=> api.InvokeAsync(Changed(request.HttpContext));", "projects does more than hand over.")]
    [InlineData("=> api.InvokeAsync(request.HttpContext);", "{ log.Write(request.Path); return api.InvokeAsync(request.HttpContext); }", "projects does more than hand over.")]
    [InlineData("[Function(\"timer\")]", "[Function(\"Projects\")]", "projects is the name of several functions.")]
    [InlineData("%Schedule%", "%Other%", "timer runs by no setting of local.settings.sample.json.")]
    [InlineData("%Schedule%", "0 * * * * *", "timer runs by no setting of local.settings.sample.json.")]
    [InlineData("%Schedule%", "%Five%", "timer runs by an expression that has not six fields.")]
    [InlineData("%Queue%", "%Other%", "queue takes from a queue that no setting of local.settings.sample.json names.")]
    [InlineData("[QueueTrigger(\"%Queue%\")] ", "", "queue does not have one trigger.")]
    public void What_is_wrong_with_a_head_is_said(string good, string bad, string sentence) => Check(Good.Replace(good, bad, StringComparison.Ordinal)).ShouldContain(sentence);

    [Fact]
    public void A_route_that_two_functions_reach_is_said() => Check(
        Good, """class More { [Function("more")] public Task RunAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/{*path}")] HttpRequest request) => api.InvokeAsync(request.HttpContext); }""")
        .ShouldContain("GET /v1/projects is reached by projects and more.");

    private static IEnumerable<string> Check(params string[] sources) =>
        FunctionRules.Check(FunctionSources.Of(sources).Functions, Routes, new Dictionary<string, string> { ["Schedule"] = "0 */5 * * * *", ["Five"] = "*/5 * * * *", ["Queue"] = "events" });
}
