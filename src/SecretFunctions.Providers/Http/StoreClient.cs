using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// Requests to a store that is spoken to in plain HTTP, without an SDK. An answer of any status is an answer; not to get one is a failure.
/// Safe for concurrent use.
/// </summary>
/// <remarks>
/// Has nothing to dispose: the connections are the shared pool's, and to dispose an <see cref="HttpClient"/> cancels what is
/// under way for readers who got the store before its credential changed.
/// </remarks>
internal sealed class StoreClient(HttpClient http, TimeProvider time)
{
    private const string AtPrivateAddresses =
        " A self-hosted store at a private address must be listed in Providers:AllowedHosts by the operator; one with a private certificate needs Providers:TrustedRootsFile.";

    /// <summary>Whether such a store often stands in the operator's own network, which failures then mention.</summary>
    public bool IsSelfHosted { get; init; }

    /// <summary>The answer is the caller's to dispose, and so is the request.</summary>
    public async Task<Result<StoreAnswer>> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            // Headers only, or HttpClient makes a second copy of the answer that nobody clears.
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new StoreAnswer(response, RetryAfter.From(response, time));
        }
        catch (Exception exception) when (TransportFailure.From(exception) is not null)
        {
            var failure = TransportFailure.From(exception)!;
            return IsSelfHosted && failure.Code == ProviderFailure.Unreachable ? failure with { Hint = failure.Hint + AtPrivateAddresses } : failure;
        }
    }
}
