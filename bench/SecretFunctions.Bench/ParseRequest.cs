using System.Text;
using BenchmarkDotNet.Attributes;
using SecretFunctions.Api.Http;
using SecretFunctions.Api.Resolve;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Bench;

/// <summary>The body of a resolve: strict JSON, then the checks of its selectors.</summary>
public class ParseRequest
{
    private readonly byte[] _body = Encoding.UTF8.GetBytes(Scenario.RequestBody);

    [Benchmark]
    public bool Json() => JsonBody.Parse<ResolveRequest>(_body).TryGet(out _, out _);

    [Benchmark]
    public bool JsonAndSelectors() => Parse().TryGet(out _, out _);

    private Result<ResolveInput> Parse() => JsonBody.Parse<ResolveRequest>(_body).TryGet(out var request, out var failure)
        ? ResolveInputs.Parse(
            request.Automation, request.Project, request.Environment, request.Tags, request.Kickoff, request.Fresh, request.Partial, request.Snapshot)
        : failure;
}
