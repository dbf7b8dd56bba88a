using SecretFunctions.Core;
using SecretFunctions.Core.WorkloadIdentity.Doctor;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tokens;

/// <summary>Looks at an issuer over the network, under the outbound rules: also where it is this service itself. Safe for concurrent use.</summary>
public sealed class IssuerProbe : IIssuerProbe
{
    private const string TooFar = "An issuer has to answer from wherever it is asked; this is how it looks from this service's own network. Check what stands before the service, its DNS records and its certificate.";

    private readonly ProviderHttp _http;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public IssuerProbe(ProviderHttp http, TimeProvider time)
    {
        _http = http;
        _time = time;
        _client = http.CreateClient(SigningKeys.MaxBytes);
    }

    public async Task<IssuerReach> GetReachAsync(Uri address, CancellationToken cancellationToken) => await _http.GetReachAsync(address, cancellationToken) switch
    {
        AddressReach.Public => IssuerReach.Public,
        AddressReach.Loopback => IssuerReach.Loopback,
        null => IssuerReach.Nowhere,
        _ => IssuerReach.Private,
    };

    public async Task<Result<PublishedDocument>> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var asked = _time.GetTimestamp();
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            // Of a cache's copy Date is when it was made, and Age how long ago that is (RFC 9111 section 5.1).
            var date = response.Headers.Date + (response.Headers.Age ?? TimeSpan.Zero);
            return new PublishedDocument((int)response.StatusCode, ((BoundedContent)response.Content).Bytes.ToArray(), date, _time.GetElapsedTime(asked));
        }
        catch (TransportException exception)
        {
            var failure = TransportFailure.From(exception)!;
            return exception.Problem == TransportProblem.Blocked
                ? new Failure(FailureKind.Unresolved, IIssuerProbe.Blocked, failure.Detail) { Hint = failure.Hint }
                : new Failure(FailureKind.Unresolved, IIssuerProbe.Unreachable, failure.Detail) { Hint = TooFar };
        }
    }
}
