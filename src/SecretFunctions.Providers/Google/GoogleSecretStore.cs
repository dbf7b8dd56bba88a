using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>One project's secrets (of one location) under one identity.</summary>
internal sealed class GoogleSecretStore(StoreClient http, SecretManagerAddress place, GoogleIdentity identity)
    : ISecretStore, ISecretLister, IVersionReader
{
    /// <summary>Listing has a small quota (600 a minute for a project), so pages are large. The service itself may send less.</summary>
    private const int PageSize = 1000;

    /// <summary>
    /// Set once versions may not be described: the role that lets one read (Secret Accessor) does not let one do that. A read then
    /// tells the version, and the doomed request is not repeated into the project's audit log at every poll.
    /// </summary>
    private volatile bool _readsInstead;

    public async Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken)
    {
        var token = await identity.GetTokenAsync(cancellationToken);
        return token.TryGet(out _, out var failure) ? identity.Name : failure;
    }

    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (SecretManagerAddress.Check(address) is { } problem)
        {
            return ProviderFailure.Create(ProviderFailure.InvalidRequest, problem, "Correct the reference.");
        }

        var subject = Describe(address);
        var answer = await GetAsync(place.Version(address, ":access"), subject, SecretManagerJson.Default.AccessedSecret, cancellationToken);
        if (!answer.TryGet(out var accessed, out var failure))
        {
            return failure;
        }

        using (accessed)
        {
            if (accessed.Payload is null || Number(accessed.Name) is not { } version)
            {
                return SecretManagerFailures.Malformed(subject);
            }

            if (!accessed.Payload.IsIntact)
            {
                return SecretManagerFailures.Corrupt(subject);
            }

            return Utf8.IsValid(accessed.Payload.Data)
                ? new SecretPayload(new SecretValue(accessed.Payload.Data), version)
                : SecretManagerFailures.NotText(subject);
        }
    }

    public async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        var names = new List<ListedSecret>();
        if (!SecretManagerAddress.CanStart(prefix))
        {
            return new SecretListing(names, Complete: true);
        }

        // The filter finds names that contain the text; those that start with it are picked here.
        var query = $"pageSize={PageSize.ToString(CultureInfo.InvariantCulture)}" + (prefix.Length > 0 ? $"&filter=name:{prefix}" : "");
        string? pageToken = null;
        do
        {
            var next = pageToken is null ? query : $"{query}&pageToken={Uri.EscapeDataString(pageToken)}";
            var answer = await GetAsync(place.Secrets(next), place.Parent, SecretManagerJson.Default.SecretPage, cancellationToken);
            if (!answer.TryGet(out var page, out var failure))
            {
                return failure;
            }

            foreach (var id in (page.Secrets ?? []).Select(secret => LastSegment(secret?.Name)))
            {
                if (id is null || !id.StartsWith(prefix, StringComparison.Ordinal))
                {
                    continue;
                }

                if (names.Count == limit)
                {
                    return new SecretListing(names, Complete: false);
                }

                // The listing is of secrets; versions have listings of their own.
                names.Add(new ListedSecret(id, Version: null));
            }

            pageToken = page.NextPageToken;
        }
        while (!string.IsNullOrEmpty(pageToken));

        return new SecretListing(names, Complete: true);
    }

    public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (SecretManagerAddress.Check(address) is { } problem)
        {
            return ProviderFailure.Create(ProviderFailure.InvalidRequest, problem, "Correct the reference.");
        }

        if (_readsInstead)
        {
            return await ReadVersionAsync(address, cancellationToken);
        }

        var subject = Describe(address);
        var answer = await GetAsync(place.Version(address, ""), subject, SecretManagerJson.Default.SecretVersion, cancellationToken);
        if (!answer.TryGet(out var version, out var failure))
        {
            if (failure.Code != ProviderFailure.PermissionDenied)
            {
                return failure;
            }

            _readsInstead = true;
            return await ReadVersionAsync(address, cancellationToken);
        }

        // "latest" is the newest version whatever its state, and a read of a disabled one fails: so does this.
        return version switch
        {
            { State: "ENABLED" } when Number(version.Name) is { } number => number,
            { State: "DISABLED" or "DESTROYED" } => SecretManagerFailures.Disabled(subject, version.State),
            _ => SecretManagerFailures.Malformed(subject),
        };
    }

    public ValueTask DisposeAsync()
    {
        identity.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Result<string>> ReadVersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(address, cancellationToken);
        if (!read.TryGet(out var payload, out var failure))
        {
            return failure;
        }

        using (payload)
        {
            return payload.Version;
        }
    }

    private async Task<Result<T>> GetAsync<T>(Uri uri, string subject, JsonTypeInfo<T> form, CancellationToken cancellationToken)
    {
        var sent = await identity.GetAsync(http, uri, cancellationToken);
        if (!sent.TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            return answer.IsSuccess ? Parse(answer, subject, form) : SecretManagerFailures.From(answer, subject);
        }
    }

    private static Result<T> Parse<T>(StoreAnswer answer, string subject, JsonTypeInfo<T> form)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body.Span, form) is { } value ? value : SecretManagerFailures.Malformed(subject);
        }
        catch (JsonException)
        {
            return SecretManagerFailures.Malformed(subject); // Its message quotes the body.
        }
    }

    private static string Describe(SecretAddress address) =>
        address.Version is null ? $"Secret \"{address.Name}\"" : $"Secret \"{address.Name}\", version {address.Version}";

    /// <summary>The version's number, whatever alias it was asked by. It names no other thing at Google, so nothing else is taken for one.</summary>
    private static string? Number(string? name) =>
        LastSegment(name) is { Length: > 0 } last && last.All(char.IsAsciiDigit) ? last : null;

    private static string? LastSegment(string? name) => name?[(name.LastIndexOf('/') + 1)..];
}
