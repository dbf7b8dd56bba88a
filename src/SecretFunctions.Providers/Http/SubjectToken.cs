using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// One of our own tokens on its way to a cloud. What it claims is read, not verified: it tells an admin what the cloud was shown.
/// </summary>
internal sealed class SubjectToken : IDisposable
{
    private readonly SecretValue _token;

    private SubjectToken(SecretValue token)
    {
        _token = token;
        (Issuer, Audience, Subject) = ReadClaims(token.Reveal());
    }

    /// <summary>Of the token, as a cloud sees it; null where the token does not say.</summary>
    public string? Issuer { get; }

    public string? Audience { get; }

    public string? Subject { get; }

    public int Length => _token.Reveal().Length;

    /// <summary>Exchanges a new token. That it could not be minted is passed on as it is; that the cloud does not trust it says what it was shown.</summary>
    /// <param name="cloud">To whom, for spans and metrics.</param>
    /// <param name="auth">Mints it.</param>
    /// <param name="exchange">Does not keep the token, which is disposed afterwards.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<Result<T>> ExchangeAsync<T>(
        string cloud, ProviderAuth.WorkloadIdentity auth, Func<SubjectToken, Task<Result<T>>> exchange, CancellationToken cancellationToken) =>
        Watch.Begin(SignalNames.Spans.TokenExchange, ActivityKind.Client, Signals.TokenExchangeDuration) is { } watch
            ? WatchedAsync(watch.With(SignalNames.Attributes.Cloud, cloud), auth, exchange, cancellationToken)
            : MintAndExchangeAsync(auth, exchange, cancellationToken);

    /// <summary>ASCII. Not to be used after this is disposed.</summary>
    public ReadOnlySpan<byte> Reveal() => _token.Reveal();

    /// <summary>A cloud that does not trust the token is told what the token says: it has to be compared with what the cloud was told.</summary>
    private Failure Explain(Failure failure) =>
        failure.Code == ProviderFailure.TrustRejected && Subject is not null
            ? failure with { Detail = $"{failure.Detail} Our token has the issuer {Issuer}, the audience {Audience} and the subject {Subject}." }
            : failure;

    public override string ToString() => "[redacted]";

    public void Dispose() => _token.Dispose();

    private static Task<Result<T>> WatchedAsync<T>(
        Watch watch, ProviderAuth.WorkloadIdentity auth, Func<SubjectToken, Task<Result<T>>> exchange, CancellationToken cancellationToken) =>
        watch.RunAsync(() => MintAndExchangeAsync(auth, exchange, cancellationToken));

    private static async Task<Result<T>> MintAndExchangeAsync<T>(
        ProviderAuth.WorkloadIdentity auth, Func<SubjectToken, Task<Result<T>>> exchange, CancellationToken cancellationToken)
    {
        if (!(await auth.Tokens.MintAsync(auth.Target[FederationTarget.Audience], cancellationToken)).TryGet(out var minted, out var notMinted))
        {
            return notMinted;
        }

        using var token = new SubjectToken(minted);
        var result = await exchange(token);
        return result.Failure is { } failure ? token.Explain(failure) : result;
    }

    private static (string? Issuer, string? Audience, string? Subject) ReadClaims(ReadOnlySpan<byte> token)
    {
        var start = token.IndexOf((byte)'.') + 1;
        var length = token[start..].IndexOf((byte)'.');
        if (start == 0 || length < 0 || !Base64Url.IsValid(token.Slice(start, length)))
        {
            return default;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromUtf8(token.Slice(start, length)));
            return (claims.RootElement.At("iss").AsText(), claims.RootElement.At("aud").AsText(), claims.RootElement.At("sub").AsText());
        }
        catch (JsonException)
        {
            return default; // Its message quotes the token.
        }
    }
}
