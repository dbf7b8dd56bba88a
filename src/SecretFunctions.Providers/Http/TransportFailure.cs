using System.Collections.Frozen;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Http;

/// <summary>What a request without an answer means to the caller.</summary>
public static class TransportFailure
{
    private const string Elsewhere = "Check the address, and that the network this service runs in lets it out to there (firewall, private endpoint, network rules).";

    private static readonly FrozenDictionary<TransportProblem, (string Code, string Detail, string Hint)> Rows =
        new Dictionary<TransportProblem, (string, string, string)>
        {
            [TransportProblem.Blocked] = (ProviderFailure.Unreachable, "{message}",
                "Requests go to public https addresses only. Correct the address, or have the operator add the host to Providers:AllowedHosts."),
            [TransportProblem.NameNotFound] = (ProviderFailure.Unreachable, "The name {host} does not resolve.",
                "Check the spelling of the address, and that the network this service runs in resolves it."),
            [TransportProblem.ConnectionFailed] = (ProviderFailure.Unreachable, "{host} cannot be connected to.", Elsewhere),
            [TransportProblem.TlsFailed] = (ProviderFailure.Unreachable, "{host} has no TLS certificate that we trust for this name.",
                "The certificate is expired, for another name, or from a private authority: have the operator add that authority's root to Providers:TrustedRootsFile."),
            [TransportProblem.TimedOut] = (ProviderFailure.Timeout, "{host} did not answer in time.", Elsewhere),
            // Not "unreachable": asking again would only move the same megabytes again.
            [TransportProblem.AnswerTooLarge] = (ProviderFailure.InvalidRequest, "{host} sent an answer larger than any store's.",
                "Something else answers at this address: check it."),
            [TransportProblem.AnswerBroken] = (ProviderFailure.Unreachable, "{host} broke off before its answer was complete.",
                "The store restarts, or something between cuts connections. It is tried again at the next read."),
        }.ToFrozenDictionary();

    /// <summary>
    /// Null where <paramref name="exception"/> is about something else; made for a filter, also around SDKs that wrap
    /// what their transport threw: <c>catch (Exception e) when (TransportFailure.From(e) is { } failure)</c>.
    /// </summary>
    public static Failure? From(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is TransportException transport)
            {
                var (code, detail, hint) = Rows[transport.Problem];
                detail = detail
                    .Replace("{message}", transport.Message, StringComparison.Ordinal)
                    .Replace("{host}", transport.Host, StringComparison.Ordinal);
                return ProviderFailure.Create(code, detail, hint);
            }
        }

        return null;
    }
}
