using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Core;

/// <summary>
/// What went wrong, as far as a caller can act on it. Each kind has one HTTP status; <see cref="Failure.Code"/> says
/// which failure of that kind it is.
/// </summary>
public enum FailureKind
{
    /// <summary>The request itself is wrong (400).</summary>
    Invalid,

    /// <summary>Nobody was recognized (401).</summary>
    Unauthenticated,

    /// <summary>The caller may not do this (403). Never used for a store that refused us: that is <see cref="Unresolved"/>.</summary>
    Denied,

    /// <summary>There is no such thing, or it belongs to another organization (404).</summary>
    NotFound,

    /// <summary>The state of the resource forbids it (409).</summary>
    Conflict,

    /// <summary>If-Match or If-None-Match did not hold (412).</summary>
    PreconditionFailed,

    /// <summary>The body is over the limit (413).</summary>
    TooLarge,

    /// <summary>The body is not in a form this endpoint reads (415).</summary>
    UnsupportedMediaType,

    /// <summary>At least one variable could not be resolved (424).</summary>
    Unresolved,

    /// <summary>Too many requests (429).</summary>
    Throttled,

    /// <summary>A part of the service cannot be reached; retry later (503).</summary>
    Unavailable,
}

/// <summary>
/// An expected failure. Everything in it is safe to show the caller and to log: never a value, token or provider body.
/// </summary>
/// <param name="Kind">Decides the HTTP status.</param>
/// <param name="Code">Stable and dotted, for programs.</param>
/// <param name="Detail">What was wrong and what to do, for people.</param>
public sealed record Failure(FailureKind Kind, string Code, string Detail)
{
    /// <summary>One entry per field or variable, where there are several.</summary>
    public IReadOnlyList<FailureEntry> Errors { get; init; } = [];

    /// <summary>The likely cause and the remedy.</summary>
    public string? Hint { get; init; }

    /// <summary>The store's own error code, verbatim.</summary>
    public string? ProviderCode { get; init; }

    /// <summary>How long the other side asked us to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static Failure Invalid(string code, string detail) => new(FailureKind.Invalid, code, detail);

    public static Failure NotFound(string code, string detail) => new(FailureKind.NotFound, code, detail);

    public static Failure Denied(string code, string detail) => new(FailureKind.Denied, code, detail);

    public static Failure Conflict(string code, string detail) => new(FailureKind.Conflict, code, detail);
}

/// <summary>One of several things wrong in one request: a field, a variable or a line.</summary>
public sealed record FailureEntry(string Code, string Detail)
{
    /// <summary>The JSON field at fault, as the caller wrote it: <c>auth.accessKeyId</c>.</summary>
    public string? Field { get; init; }

    /// <summary>The variable at fault.</summary>
    public string? Key { get; init; }

    /// <summary>The one-based line at fault, in a dotenv document.</summary>
    public int? Line { get; init; }

    /// <summary>The likely cause and the remedy.</summary>
    public string? Hint { get; init; }

    /// <summary>The store's own error code, verbatim.</summary>
    public string? ProviderCode { get; init; }
}

/// <summary>A value, or the expected failure that took its place.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    internal Result(T? value, Failure? failure)
    {
        _value = value;
        Failure = failure;
    }

    public Failure? Failure { get; }

    /// <summary>True with the value; false with <see cref="Failure"/> set.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [MaybeNullWhen(true)] out Failure failure)
    {
        value = _value;
        failure = Failure;
        return failure is null;
    }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Failure failure) => new(default, failure);

    public override string ToString() => Failure is { } failure ? failure.Code : "[success]";
}

/// <summary>For values whose type is an interface, which no conversion can be defined from.</summary>
public static class Result
{
    public static Result<T> Of<T>(T value) => new(value, null);
}
