namespace SecretFunctions.Contracts;

/// <summary>The service refused, failed or could not be reached. Its texts name things and never hold a value.</summary>
public sealed class SecretFunctionsException : Exception
{
    /// <summary>Nobody answered.</summary>
    public const string Unreachable = "client.unreachable";

    /// <summary>Something answered that does not speak for the service: a proxy, or another server at this address.</summary>
    public const string NotAnAnswer = "client.not_an_answer";

    /// <summary>As the service put it.</summary>
    public SecretFunctionsException(Problem problem)
        : base(problem.Detail)
    {
        Status = problem.Status;
        Code = problem.Code;
        Hint = problem.Hint;
        Errors = problem.Errors ?? [];
        TraceId = problem.TraceId;
    }

    /// <summary>Where no problem document came.</summary>
    public SecretFunctionsException(int status, string code, string detail, Exception? innerException = null)
        : base(detail, innerException)
    {
        Status = status;
        Code = code;
        Errors = [];
    }

    /// <summary>Of the HTTP answer; 0 where there was none.</summary>
    public int Status { get; }

    /// <summary>Stable and dotted: <c>name.reserved</c>.</summary>
    public string Code { get; }

    public string Detail => Message;

    public string? Hint { get; }

    /// <summary>One per field, variable or line, where several are wrong.</summary>
    public IReadOnlyList<ProblemEntry> Errors { get; }

    /// <summary>What to look for in the service's log.</summary>
    public string? TraceId { get; }
}
