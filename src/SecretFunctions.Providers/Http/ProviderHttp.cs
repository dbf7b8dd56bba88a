using System.Net;
using System.Net.Sockets;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// Makes the HTTP clients that every provider uses: guarded at connect time against private addresses, https only, no
/// redirects, no proxy, no cookies, bounded in response size and time. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A request that gets no answer throws <see cref="TransportException"/> (see <see cref="TransportFailure"/>) and nothing
/// else but the caller's own cancellation. The clouds' ambient identity endpoints (169.254.169.254 and the like) are not
/// reached through here: the SDKs' own default chains talk to them, at addresses no tenant can choose.
/// </remarks>
public sealed class ProviderHttp : IDisposable
{
    private readonly ProviderHttpOptions _options;
    private readonly ProviderHttpLimits _limits;
    private readonly TimeProvider _time;
    private readonly AddressGuard _guard;
    private readonly HttpMessageInvoker _pool;
    private readonly HostResolver _resolve;

    /// <exception cref="ArgumentException">The trusted roots cannot be used; <see cref="ProviderHttpOptionsValidator"/> says so at start.</exception>
    public ProviderHttp(ProviderHttpOptions options)
        : this(options, new ProviderHttpLimits(), TimeProvider.System, static (host, token) => Dns.GetHostAddressesAsync(host, token))
    {
    }

    internal ProviderHttp(ProviderHttpOptions options, ProviderHttpLimits limits, TimeProvider time, HostResolver resolve)
    {
        _options = options;
        _limits = limits;
        _time = time;
        _resolve = resolve;
        _guard = AddressGuard.For(options);
        _pool = new HttpMessageInvoker(CreatePool(options, limits, new GuardedConnector(_guard, resolve)));
    }

    /// <summary>The override of a cloud's own address, or null.</summary>
    public Uri? EndpointOverride(string name) => _options.EndpointOverrides.TryGetValue(name, out var uri) ? uri : null;

    /// <summary>Null where requests may go to this address; else one sentence why not. No I/O: names are resolved only when connecting.</summary>
    public string? CheckAddress(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return _guard.Check(address);
    }

    /// <summary>
    /// Whether the operator named this host (<c>AllowedHosts</c>, <c>EndpointOverrides</c>). For stores that else know their hosts by name: only
    /// then may their tokens go to another.
    /// </summary>
    public bool IsNamedByOperator(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return _guard.IsNamed(address);
    }

    /// <summary>A handler over the shared connection pool, for SDKs that want one. Disposing it leaves the pool alone.</summary>
    public HttpMessageHandler CreateHandler() => new GuardingHandler(_pool, _guard, _limits, _time);

    /// <summary>A client over the shared connection pool. Its answers are buffered: <see cref="BoundedContent"/>.</summary>
    public HttpClient CreateClient() => CreateClient(_limits.ResponseBytes);

    /// <summary>The same for one store, of which somebody may compare the clock.</summary>
    public HttpClient CreateClient(ProviderConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return CreateClient(_limits.ResponseBytes, connection.AnswerDated);
    }

    /// <summary>The same for answers that are small wherever they come from in earnest: of a larger one no more than that is ever held.</summary>
    public HttpClient CreateClient(int maxAnswerBytes) => CreateClient(maxAnswerBytes, dated: null);

    /// <summary>The worst of what a host's name leads to; null where it leads nowhere.</summary>
    internal async Task<AddressReach?> GetReachAsync(Uri address, CancellationToken cancellationToken)
    {
        var host = AllowedHost.Normalize(address.IdnHost);
        try
        {
            var found = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellationToken);
            return found.Length == 0 ? null : found.Max(static one => AddressRules.ReachOf(one));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Closes the pool.</summary>
    public void Dispose() => _pool.Dispose();

    private HttpClient CreateClient(int maxAnswerBytes, Action<DateTimeOffset>? dated) =>
        new(new GuardingHandler(_pool, _guard, _limits with { ResponseBytes = maxAnswerBytes }, _time, dated))
        {
            // The handler has its own, which also tells a timeout from a caller who gave up.
            Timeout = Timeout.InfiniteTimeSpan,
        };

    private static SocketsHttpHandler CreatePool(ProviderHttpOptions options, ProviderHttpLimits limits, GuardedConnector connector)
    {
        var pool = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirect would take the Authorization header's owner where nobody checked
            UseCookies = false,
            UseProxy = false, // a proxy would resolve names in our place, behind the guard
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = limits.Connect,
            PooledConnectionLifetime = limits.ConnectionLifetime,
            PooledConnectionIdleTimeout = limits.IdleConnection,
            ConnectCallback = connector.ConnectAsync,
            ActivityHeadersPropagator = null, // our trace ids are no store's business
        };
        if (options.TrustedRootsFile is { } file)
        {
            var (roots, problem) = TrustedRoots.Load(file);
            pool.SslOptions.RemoteCertificateValidationCallback = roots is not null
                ? roots.Accept
                : throw new ArgumentException($"TrustedRootsFile {problem}", nameof(options));
        }

        return pool;
    }
}
