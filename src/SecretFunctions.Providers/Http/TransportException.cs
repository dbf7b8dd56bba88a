namespace SecretFunctions.Providers.Http;

/// <summary>Why there is no answer.</summary>
public enum TransportProblem
{
    /// <summary>The address is one we may not go to.</summary>
    Blocked,
    NameNotFound,
    ConnectionFailed,
    TlsFailed,
    TimedOut,
    AnswerTooLarge,

    /// <summary>The connection ended before the answer did, or it was no HTTP.</summary>
    AnswerBroken,
}

/// <summary>
/// A request without an answer. What every handler of <see cref="ProviderHttp"/> throws, and nothing else, so that it is
/// classified once; SDKs know it as the <see cref="HttpRequestException"/> it is.
/// </summary>
public sealed class TransportException : HttpRequestException
{
    public TransportException()
    {
    }

    public TransportException(string message)
        : base(message)
    {
    }

    public TransportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal TransportException(TransportProblem problem, string host, string message, Exception? inner)
        : base(message, inner)
    {
        Problem = problem;
        Host = host;
    }

    public TransportProblem Problem { get; } = TransportProblem.ConnectionFailed;

    /// <summary>Whom we did not reach.</summary>
    public string Host { get; } = "the store";
}
