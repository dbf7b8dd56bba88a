using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// Stands in front of the pool: checks the address, bounds time and size, and turns every way of not getting an answer
/// into one exception. The answer is read completely or not at all; a part of a secret is never handed on.
/// </summary>
internal sealed class GuardingHandler(
    HttpMessageInvoker pool, AddressGuard guard, ProviderHttpLimits limits, TimeProvider time, Action<DateTimeOffset>? dated = null) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri ?? throw new InvalidOperationException("A request needs an address.");
        if (guard.Check(address) is { } problem)
        {
            throw new TransportException(TransportProblem.Blocked, address.Host, problem, null);
        }

        // Nothing here decompresses, so nothing can unfold to more than the limit; do not let an SDK ask for it.
        // Conjur's base64 is no compression: it is how values that are not text travel in JSON.
        var base64 = request.Headers.AcceptEncoding.FirstOrDefault(static coding => coding.Value == "base64");
        request.Headers.AcceptEncoding.Clear();
        if (base64 is not null)
        {
            request.Headers.AcceptEncoding.Add(base64);
        }

        using var attempt = new CancellationTokenSource(limits.Attempt, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, attempt.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await pool.SendAsync(request, linked.Token);
            if (dated is not null && response.Headers.Date is { } date)
            {
                dated(date);
            }

            using var streamed = response.Content;
            response.Content = await BoundedContent.ReadAsync(streamed, limits.ResponseBytes, linked.Token)
                ?? throw new TransportException(TransportProblem.AnswerTooLarge, address.Host, "The answer is too large.", null);
            return response;
        }
        catch (Exception exception) when (Translate(exception, address.Host, cancellationToken, out var translated))
        {
            response?.Dispose();
            throw translated;
        }
        catch
        {
            response?.Dispose();
            throw;
        }
    }

    private static bool Translate(
        Exception exception, string host, CancellationToken callersToken, [NotNullWhen(true)] out TransportException? translated)
    {
        var refused = Find<AddressRefusedException>(exception);
        TransportProblem? problem = exception switch
        {
            TransportException => null,
            OperationCanceledException => callersToken.IsCancellationRequested ? null : TransportProblem.TimedOut,
            _ when refused is not null => TransportProblem.Blocked,
            _ when Find<SocketException>(exception) is { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery } =>
                TransportProblem.NameNotFound, // only the resolver says these
            HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException } => TransportProblem.AnswerBroken, // reset
            HttpRequestException http => ProblemOf(http.HttpRequestError),
            IOException => TransportProblem.AnswerBroken,
            _ => null,
        };
        translated = problem is { } known
            ? new TransportException(known, host, refused?.Message ?? exception.Message, exception)
            : null;
        return translated is not null;
    }

    private static TransportProblem ProblemOf(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => TransportProblem.NameNotFound,
        HttpRequestError.SecureConnectionError => TransportProblem.TlsFailed,
        HttpRequestError.ConfigurationLimitExceeded => TransportProblem.AnswerTooLarge,
        HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => TransportProblem.AnswerBroken,
        _ => TransportProblem.ConnectionFailed,
    };

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
        {
            exception = exception.InnerException;
        }

        return (T?)exception;
    }
}
