using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access.Matrix;

/// <summary>What becomes of a request.</summary>
internal enum Verdict
{
    /// <summary>It gets past every question of access, and is answered as the entry says.</summary>
    Admitted,

    /// <summary>403.</summary>
    Refused,

    /// <summary>404, to the letter as for something that does not exist.</summary>
    Hidden,
}

/// <summary>Something that is asked of a caller: a level on a feature, at a place.</summary>
/// <param name="Matches">How a grant has to lie to the place.</param>
internal sealed record MatrixDemand(string Feature, string Level, MatrixPlace Place, Matching Matches = Matching.Covers)
{
    /// <summary>The request says itself where it lies, so a refusal tells nothing.</summary>
    public bool IsTold { get; init; }
}

internal enum Matching
{
    /// <summary>All of the place lies inside the grant.</summary>
    Covers,

    /// <summary>Some of it does.</summary>
    Touches,

    /// <summary>Its environments lie inside, whatever the project.</summary>
    AnyProject,

    /// <summary>The grant may lie anywhere: what it does not cover is left out of the answer.</summary>
    Anywhere,
}

/// <summary>One request that shows who is let in.</summary>
/// <param name="Operation">Method and template, as in the OpenAPI document.</param>
/// <param name="Path">Of something that exists; <c>{name}</c> stands for an id the tests know.</param>
/// <param name="Status">Of whoever is admitted. A change names an ETag that nothing has, so 412 shows it was let in and changes nothing.</param>
internal sealed record MatrixEntry(string Operation, string Path, string? Body, int Status)
{
    /// <summary>All must be met.</summary>
    public IReadOnlyList<MatrixDemand> Demands { get; init; } = [];

    /// <summary>Where only the thing itself tells where it lies, whoever may not see it is told that it is not there.</summary>
    public bool IsFoundFirst { get; init; }

    /// <summary>Only the deployment's operator.</summary>
    public bool ForOperator { get; init; }

    /// <summary>Whoever is recognized.</summary>
    public bool ForAnybodyKnown { get; init; }

    /// <summary>A member needs nothing for what is their own, and is told of the rest that it is not there.</summary>
    public bool OwnIsEnough { get; init; }

    /// <summary>An automation may do this for itself.</summary>
    public bool ForTheAutomation { get; init; }

    /// <summary>And nobody else may.</summary>
    public bool ForAutomationsAlone { get; init; }

    /// <summary>For members about what is personal of theirs, with a credential that is their own.</summary>
    public bool ForOwnCredentials { get; init; }

    /// <summary>Whether the request says so before anything is looked up.</summary>
    public bool NamesTheEnvironment { get; init; }

    /// <summary>Whether it names something that another organization does not have.</summary>
    public bool NamesSomething { get; init; } = true;

    public override string ToString() => $"{Operation} as {Path}";

    public Task<Reply> SendAsync(HttpClient client, IReadOnlyDictionary<string, string> ids)
    {
        var path = ids.Aggregate(Path, static (path, id) => path.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal));
        var method = new HttpMethod(Operation.Split(' ')[0]);
        var type = method == HttpMethod.Patch ? "application/merge-patch+json" : path.Contains("/import", StringComparison.Ordinal) ? "text/plain" : "application/json";
        var changes = method.Method is "PUT" or "PATCH" or "DELETE" || path.Contains("/restore", StringComparison.Ordinal) ? new[] { ("If-Match", "\"nothing-has-this\"") } : [];
        return client.SendAsync(method, path, Body is null ? null : Requests.Content(Body, type), changes);
    }
}
