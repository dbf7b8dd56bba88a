using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tokens;

/// <summary>
/// The public keys of one issuer, fetched when one is missing. A key id that is not among them is looked for at once, as the issuer may have a new
/// key, and then not again for a minute: whoever sends tokens with made-up key ids must not make us ask for each. Safe for concurrent use.
/// </summary>
/// <param name="address">Null takes it from the issuer's discovery document.</param>
internal sealed class SigningKeys(string issuer, Uri? address, StoreClient http, TimeProvider time)
{
    /// <summary>The largest sets in use have a few dozen keys and some ten kilobytes.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>For discovery document and keys together. Whoever waits holds a request, and there may be many of them.</summary>
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FetchedAgainAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan NotAgainWithin = TimeSpan.FromMinutes(1);

    /// <summary>Where there is no key to go on with: a moment's outage should not be a minute's.</summary>
    private static readonly TimeSpan RetriedAfter = TimeSpan.FromSeconds(10);

    /// <summary>While the issuer cannot be reached. A key it withdrew meanwhile is believed that long, and no longer.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(24);

    private static readonly Failure Unavailable = new(
        FailureKind.Unavailable, "token.keys_unavailable", "The issuer's signing keys cannot be fetched, so its tokens cannot be checked. Try again.")
    {
        Hint = "Its discovery document or key set is not at its address, is not public, is larger than any is, or says another issuer's name.",
    };

    private readonly Lock _gate = new();
    private Task _fetching = Task.CompletedTask;
    private volatile Fetched? _fetched;
    private DateTimeOffset? _triedAt;
    private DateTimeOffset? _soughtAt;

    /// <summary>Null where the issuer has no such key for this algorithm.</summary>
    public async Task<Result<SecurityKey?>> FindAsync(string keyId, string algorithm, CancellationToken cancellationToken)
    {
        if (_fetched is { } current && AgeOf(current) < FetchedAgainAfter && current.Keys.Find(keyId, algorithm) is { } known)
        {
            return known;
        }

        // Shared by all that wait, so not one caller's to cancel: who gives up must not leave the others without keys.
        await FetchIfDue().WaitAsync(cancellationToken);
        return _fetched is { } fetched && AgeOf(fetched) < GoodFor ? fetched.Keys.Find(keyId, algorithm) : Unavailable;
    }

    private TimeSpan AgeOf(Fetched fetched) => time.GetUtcNow() - fetched.At;

    private Task FetchIfDue()
    {
        lock (_gate)
        {
            if (!_fetching.IsCompleted)
            {
                return _fetching;
            }

            var now = time.GetUtcNow();
            var age = _fetched is { } fetched ? now - fetched.At : GoodFor;
            if (age < FetchedAgainAfter)
            {
                if (now - _soughtAt < NotAgainWithin)
                {
                    return Task.CompletedTask;
                }

                _soughtAt = now;
            }
            else if (now - _triedAt < (age < GoodFor ? NotAgainWithin : RetriedAfter))
            {
                return Task.CompletedTask;
            }

            _triedAt = now;
            return _fetching = Task.Run(() => FetchAsync(now));
        }
    }

    private async Task FetchAsync(DateTimeOffset now)
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, time);
        try
        {
            var found = address ?? await DiscoverAsync(timeout.Token);
            if (found is not null && await GetAsync(found, KeySet.Read, timeout.Token) is { } keys)
            {
                _fetched = new Fetched(keys, now);
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // Too slow is not there: those that wait find what was fetched before, or nothing.
        }
    }

    /// <summary>OpenID Connect Discovery 1.0 §4.3: the document must name the issuer it was asked of.</summary>
    private Task<Uri?> DiscoverAsync(CancellationToken cancellationToken) => GetAsync(
        new Uri($"{issuer.TrimEnd('/')}/.well-known/openid-configuration"),
        document => document.At("issuer").AsText() == issuer && Uri.TryCreate(document.At("jwks_uri").AsText(), UriKind.Absolute, out var keys) ? keys : null,
        cancellationToken);

    private async Task<T?> GetAsync<T>(Uri from, Func<JsonElement, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, from);
        if (!(await http.SendAsync(request, cancellationToken)).TryGet(out var answer, out _))
        {
            return null;
        }

        using (answer)
        {
            return answer.IsSuccess && UntrustedJson.TryParseObject(answer.Body) is { } document ? read(document) : null;
        }
    }

    private sealed record Fetched(KeySet Keys, DateTimeOffset At);
}
