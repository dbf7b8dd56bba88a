using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Testing;

/// <summary>What the fake's stores can do beside reading.</summary>
[Flags]
public enum FakeAbilities
{
    None = 0,
    Versions = 1,
    Lists = 2,

    /// <summary>A listing that names no versions, unless this is set.</summary>
    ListsVersions = 4,
}

/// <summary>
/// A provider whose one store lies in memory: real versions, real refusals, and every call counted. Where it federates, each open store exchanges
/// one token, and <c>{sub}</c> in a value reads as that token's subject.
/// </summary>
public sealed class FakeProvider(string name, FakeAbilities abilities, params string[] settings) : ISecretProvider
{
    private readonly ConcurrentDictionary<string, List<string>> _secrets = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _calls = [];
    private readonly ConcurrentQueue<JsonElement> _exchanged = [];
    private int _opened;
    private int _closed;

    public string Name => name;

    /// <summary>All of them optional.</summary>
    public IReadOnlyList<ProviderField> Settings { get; } = [.. settings.Select(static setting => new ProviderField(setting, "Where it is.") { Required = false })];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } = [new AuthScheme(AuthScheme.Ambient, [])];

    /// <summary>With fields <c>role</c> and, if it must be the setting of that name, <c>address</c>; null where it takes no tokens.</summary>
    public FederationTarget? Federation { get; init; }

    /// <summary>The claims of every token that was exchanged, in order.</summary>
    public IReadOnlyCollection<JsonElement> Exchanged => _exchanged;

    /// <summary>Their subjects.</summary>
    public IEnumerable<string> Subjects => _exchanged.Select(static claims => claims.GetProperty("sub").GetString()!);

    /// <summary>What the next exchanges are answered with in place of access, a token each.</summary>
    public ConcurrentQueue<Failure> Refusals { get; } = [];

    /// <summary>By which exchanges are dated; null: they are not.</summary>
    public Func<DateTimeOffset>? Clock { get; set; }

    public int Opened => Volatile.Read(ref _opened);

    public int Closed => Volatile.Read(ref _closed);

    /// <summary>What was asked, without the reads: <c>version openai</c>, <c>list open</c>.</summary>
    public IReadOnlyCollection<string> Polls => [.. _calls.Where(static call => !call.StartsWith("read", StringComparison.Ordinal))];

    /// <summary>What a call is answered with in place of the truth: by name, or <c>*</c> for all.</summary>
    public ConcurrentDictionary<string, Failure> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Stages and aliases: which version they stand for.</summary>
    public ConcurrentDictionary<string, int> Stages { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs before every call but reads.</summary>
    public Func<CancellationToken, Task> BeforePoll { get; set; } = static _ => Task.CompletedTask;

    public void Put(string secret, string value) => _secrets.GetOrAdd(secret, static _ => []).Add(value);

    public void Delete(string secret) => _secrets.TryRemove(secret, out _);

    public void Forget() => _calls.Clear();

    /// <summary>A cloud for tests, with subjects as short as Google's.</summary>
    public static FederationTarget Cloud(string cloud = "fake", int maxSubjectLength = 127) => new(
        cloud,
        [new ProviderField("role", "Whom to become."), new ProviderField("address", "Where.") { Required = false }],
        static fields => $"https://{fields["role"]}.example.com")
    {
        MaxSubjectLength = maxSubjectLength,
        PropagationCodes = ["FAKE-SLOW"],
    };

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) =>
        connection.Auth is ProviderAuth.WorkloadIdentity identity
        && identity.Target.TryGetValue("address", out var address)
        && connection.Optional("address") != address
            ? [new FailureEntry("credential.field_invalid", "The configuration is for another address.") { Field = "address" }]
            : [];

    public Failure? ValidateAddress(SecretAddress address) => null;

    public ISecretStore Open(ProviderConnection connection)
    {
        Interlocked.Increment(ref _opened);
        return (abilities & (FakeAbilities.Versions | FakeAbilities.Lists)) switch
        {
            FakeAbilities.None => new Store(this, connection),
            FakeAbilities.Versions => new VersionStore(this, connection),
            FakeAbilities.Lists => new ListingStore(this, connection),
            _ => new FullStore(this, connection),
        };
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    public static Failure Fail(string code) => ProviderFailure.Create(code, "As the test says.", "Nothing to do.");

    private Result<int> Find(SecretAddress address, string call)
    {
        _calls.Enqueue($"{call} {address.Name}");
        if (Failures.TryGetValue(address.Name, out var failure) || Failures.TryGetValue("*", out failure))
        {
            return failure;
        }

        if (!_secrets.TryGetValue(address.Name, out var values))
        {
            return Fail(ProviderFailure.SecretNotFound);
        }

        var version = address.Version is null ? values.Count
            : Stages.TryGetValue(address.Version, out var stage) ? stage
            : int.Parse(address.Version, CultureInfo.InvariantCulture);
        return version <= values.Count ? version : Fail(ProviderFailure.VersionNotFound);
    }

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    private async Task<Result<string>> VersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        await BeforePoll(cancellationToken);
        return Find(address, "version").TryGet(out var version, out var failure) ? Text(version) : failure;
    }

    private async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        await BeforePoll(cancellationToken);
        _calls.Enqueue($"list {prefix}");
        if (Failures.TryGetValue("list", out var failure) || Failures.TryGetValue("*", out failure))
        {
            return failure;
        }

        var names = _secrets.Where(secret => secret.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(secret => new ListedSecret(secret.Key, abilities.HasFlag(FakeAbilities.ListsVersions) ? Text(secret.Value.Count) : null))
            .ToArray();
        return new SecretListing([.. names.Take(limit)], names.Length <= limit);
    }

    private class Store(FakeProvider provider, ProviderConnection connection) : ISecretStore
    {
        private string _subject = "";

        protected FakeProvider Provider { get; } = provider;

        public async Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) =>
            await EnterAsync(cancellationToken) is { } failure ? failure : _subject.Length > 0 ? _subject : (string?)null;

        public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
        {
            if (await EnterAsync(cancellationToken) is { } refused)
            {
                return refused;
            }

            return Provider.Find(address, "read").TryGet(out var version, out var failure)
                ? new SecretPayload(new SecretValue(Encoding.UTF8.GetBytes(Provider._secrets[address.Name][version - 1].Replace("{sub}", _subject, StringComparison.Ordinal))), Text(version))
                : failure;
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref Provider._closed);
            return ValueTask.CompletedTask;
        }

        /// <summary>Exchanges a token where that is the way in, once.</summary>
        protected async Task<Failure?> EnterAsync(CancellationToken cancellationToken)
        {
            if (connection.Auth is not ProviderAuth.WorkloadIdentity identity || _subject.Length > 0)
            {
                return null;
            }

            if (!(await identity.Tokens.MintAsync(identity.Target[FederationTarget.Audience], cancellationToken)).TryGet(out var token, out var failure))
            {
                return failure;
            }

            using (token)
            {
                var claims = JsonElement.Parse(Base64Url.DecodeFromUtf8(token.Reveal()[(token.Reveal().IndexOf((byte)'.') + 1)..token.Reveal().LastIndexOf((byte)'.')]));
                Provider._exchanged.Enqueue(claims);
                if (Provider.Clock is { } clock)
                {
                    connection.AnswerDated?.Invoke(clock());
                }

                if (Provider.Refusals.TryDequeue(out var refused))
                {
                    return refused;
                }

                _subject = claims.GetProperty("sub").GetString()!;
                return null;
            }
        }
    }

    private sealed class VersionStore(FakeProvider provider, ProviderConnection connection) : Store(provider, connection), IVersionReader
    {
        public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken) =>
            await EnterAsync(cancellationToken) is { } failure ? failure : await Provider.VersionAsync(address, cancellationToken);
    }

    private sealed class ListingStore(FakeProvider provider, ProviderConnection connection) : Store(provider, connection), ISecretLister
    {
        public async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
            await EnterAsync(cancellationToken) is { } failure ? failure : await Provider.ListAsync(prefix, limit, cancellationToken);
    }

    private sealed class FullStore(FakeProvider provider, ProviderConnection connection) : Store(provider, connection), IVersionReader, ISecretLister
    {
        public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken) =>
            await EnterAsync(cancellationToken) is { } failure ? failure : await Provider.VersionAsync(address, cancellationToken);

        public async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
            await EnterAsync(cancellationToken) is { } failure ? failure : await Provider.ListAsync(prefix, limit, cancellationToken);
    }
}
