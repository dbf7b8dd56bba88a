using SecretFunctions.Core.Providers;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Testing;

/// <summary>
/// One running double and a provider that points at it: all that <see cref="SecretProviderContract"/> has to know about a store.
/// What is virtual has the answer most stores give.
/// </summary>
public abstract class SecretProviderFixture : IAsyncDisposable
{
    /// <summary>The double that holds the secrets (not one that only hands out tokens).</summary>
    public abstract CloudDouble Double { get; }

    public abstract ISecretProvider Provider { get; }

    /// <summary>Strings that must never leave: keys, passwords, and every token the double hands out. Long and unlike any other text.</summary>
    public abstract IReadOnlyList<string> Canaries { get; }

    /// <summary>What a failure's <c>ProviderCode</c> is at this store, by our code; absent where the store has none of its own.</summary>
    public abstract IReadOnlyDictionary<string, string> ProviderCodes { get; }

    /// <summary>What a credential that is not accepted is called: one without a secret of its own is not trusted.</summary>
    public virtual string Refused => ProviderFailure.AuthenticationFailed;

    /// <summary>The store's code for a wrong credential when authenticating, where a service of its own does that; else as in a read.</summary>
    public virtual string? LoginRefusedCode => ProviderCodes.GetValueOrDefault(Refused);

    /// <summary>The selector under which a value written by <see cref="Put"/> is found; null where the payload is the value.</summary>
    public virtual string? Selector => null;

    /// <summary>A version no secret has, well-formed; null where the store keeps no earlier versions, so that none can be pinned.</summary>
    public virtual string? MissingVersion => null;

    /// <summary>The longest value in bytes, as the store documents it.</summary>
    public virtual int MaximumBytes => 64 * 1024;

    public virtual bool HoldsEmpty => true;

    /// <summary>What <see cref="ISecretStore.AuthenticateAsync"/> says of the connection below; null where the store does not tell.</summary>
    public virtual string? Identity => null;

    /// <summary>How often the double handed out a token; null where each request carries its own proof.</summary>
    public virtual int? Logins => null;

    /// <param name="authentic">False: well-formed, but the store does not accept it.</param>
    public abstract ProviderConnection Connect(bool authentic = true);

    /// <summary>Creates the secret, or rotates it.</summary>
    public abstract void Put(string name, string value);

    /// <summary>From now on the identity may read no value, though it is let in.</summary>
    public abstract void DenyReads();

    /// <summary>From now on the identity may not list.</summary>
    public abstract void DenyLists();

    /// <summary>The next request is refused as one too many.</summary>
    public virtual void ThrottleNext(TimeSpan retryAfter) =>
        Double.Faults.AnswerNext(429, "{}", "application/json", retryAfter);

    public virtual async ValueTask DisposeAsync()
    {
        await Double.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
