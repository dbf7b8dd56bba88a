using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Http;

/// <summary>One symptom at a store, and what it means.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">One of <see cref="ProviderFailure"/>.</param>
/// <param name="Hint">The likely cause and the remedy.</param>
internal sealed record FailureRow(int Status, string Code, string Hint)
{
    /// <summary>
    /// What the store's message has to contain for this row. Stores reword messages, so a row without a text should follow. Where it matches, this
    /// constant of ours is the provider's code: nothing of a body leaves.
    /// </summary>
    public string? Text { get; init; }
}

/// <summary>The symptoms of one kind of call at one store, the first that fits first; then those that every HTTP service shares.</summary>
internal sealed class FailureTable(string store, params IReadOnlyList<FailureRow> rows)
{
    private const string NotThisStore = "Something else than the store answers there: check the address, and what stands between (a proxy, a sign-in page).";

    private static readonly FailureRow[] Shared =
    [
        new(408, ProviderFailure.Timeout, "The store took too long. It is tried again at the next read."),
        new(429, ProviderFailure.Throttled,
            "The store limits how often it may be asked. Raise its limit, or cacheTtlSeconds of the credential, where this happens often."),
    ];

    /// <param name="what">What we wanted, as a noun: <c>reading "db" in mount "secret"</c>.</param>
    /// <param name="answer">Of any status but success.</param>
    /// <param name="message">The store's own words, only to find the row by.</param>
    /// <param name="providerCode">The store's own code, where it has any.</param>
    public Failure Explain(string what, StoreAnswer answer, string message = "", string? providerCode = null)
    {
        var row = rows.Concat(Shared).FirstOrDefault(row => Fits(row, answer.Status, message)) ?? Fallback(answer.Status);
        var failure = ProviderFailure.Create(
            row.Code, $"{store} answered {what} with status {answer.Status}.", row.Hint, providerCode ?? row.Text ?? $"HTTP {answer.Status}");
        return failure with { RetryAfter = answer.RetryAfter };
    }

    /// <summary>A success that is not in the form the store's API has.</summary>
    public Failure NotUnderstood(string what, string hint = NotThisStore) =>
        ProviderFailure.Create(ProviderFailure.InvalidRequest, $"{store} answered {what} in a form that its API does not have.", hint);

    private static bool Fits(FailureRow row, int status, string message) =>
        row.Status == status && (row.Text is null || message.Contains(row.Text, StringComparison.OrdinalIgnoreCase));

    private static FailureRow Fallback(int status) => status switch
    {
        >= 500 => new(status, ProviderFailure.Unreachable, "The store, or a gateway before it, is in trouble. It is tried again; see the store's own log and status."),
        >= 300 and < 400 => new(status, ProviderFailure.InvalidRequest, "The store sends us elsewhere, and redirects are not followed. Set the address it names."),
        _ => new(status, ProviderFailure.InvalidRequest, NotThisStore),
    };
}
