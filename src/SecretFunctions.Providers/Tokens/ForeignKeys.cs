using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tokens;

/// <summary>The keys of every issuer that tokens were checked of lately. Each issuer's are apart: none waits for another. Safe for concurrent use.</summary>
internal sealed class ForeignKeys(ProviderHttp http, TimeProvider time)
{
    /// <summary>More than honest deployments have; beyond it those asked for longest ago are forgotten, and fetched again when they are needed.</summary>
    private const int MaxIssuers = 1000;

    private readonly Lock _gate = new();

    // By how keys are found. Trusts come from settings and stored issuers, never from a token.
    private readonly Dictionary<(string Issuer, Uri? Keys), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];
    private readonly StoreClient _client = new(http.CreateClient(SigningKeys.MaxBytes), time);

    public SigningKeys Of(TokenTrust trust)
    {
        var name = (trust.Issuers[0], trust.KeysAddress);
        lock (_gate)
        {
            if (_entries.TryGetValue(name, out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                node = new LinkedListNode<Entry>(new Entry(name, new SigningKeys(trust.Issuers[0], trust.KeysAddress, _client, time)));
                _entries[name] = node;
            }

            _byUse.AddFirst(node);
            if (_entries.Count > MaxIssuers)
            {
                _entries.Remove(_byUse.Last!.Value.Name);
                _byUse.RemoveLast();
            }

            return node.Value.Keys;
        }
    }

    private readonly record struct Entry((string Issuer, Uri? Keys) Name, SigningKeys Keys);
}
