using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Federation;

/// <summary>What a cloud says to a token that it does not take.</summary>
/// <param name="ProviderCode">The cloud's own.</param>
/// <param name="Hint">What our hint has to name.</param>
internal sealed record Refusal(string? ProviderCode, string Hint);

/// <summary>
/// A cloud that trusts an issuer, and a provider that has nothing but that issuer's tokens: all that <see cref="FederationContract"/> has to know.
/// </summary>
internal abstract class FederationFixture(TestIssuer issuer) : SecretProviderFixture
{
    public const string Billing = "org:acme:project:web:environment:prod:automation:billing";
    public const string Search = "org:acme:project:web:environment:prod:automation:search";

    public TestIssuer Issuer => issuer;

    /// <summary>Where tokens are exchanged.</summary>
    public virtual CloudDouble Exchange => Double;

    public override string Refused => ProviderFailure.TrustRejected;

    /// <summary>The subjects that tokens were exchanged for, one for each exchange.</summary>
    public abstract IReadOnlyList<string> Subjects { get; }

    public override int? Logins => Subjects.Count;

    public sealed override IReadOnlyList<string> Canaries => [.. issuer.Minted, .. Issued];

    /// <summary>Every access the cloud gave.</summary>
    protected abstract IReadOnlyList<string> Issued { get; }

    public abstract IReadOnlyDictionary<Forgery, Refusal> Refusals { get; }

    /// <summary>From asking until access is not used any more.</summary>
    public abstract TimeSpan Lifetime { get; }

    /// <summary>Of <c>Connect</c>.</summary>
    public string Audience => Target[FederationTarget.Audience];

    /// <summary>The configuration, as the service hands it over.</summary>
    public abstract IReadOnlyDictionary<string, string> Target { get; }

    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Claims beside the subject that the cloud looks at.</summary>
    public virtual void Describe(TestTokens tokens)
    {
    }

    /// <summary>The cloud refuses from now on the access it gave so far.</summary>
    public abstract void EndAccess();

    /// <summary>From now on this one subject may read no value, though it is let in.</summary>
    public abstract void DenyReads(string subject);

    public override void DenyReads() => DenyReads(Billing);

    public override ProviderConnection Connect(bool authentic = true) =>
        Connect(new TestTokens(issuer, Billing) { Forgery = authentic ? Forgery.None : Forgery.Resigned });

    public ProviderConnection Connect(ISubjectTokenSource tokens, params (string Name, string? Value)[] target)
    {
        var changed = new Dictionary<string, string>(Target);
        foreach (var (name, value) in target)
        {
            if (value is null)
            {
                changed.Remove(name);
            }
            else
            {
                changed[name] = value;
            }
        }

        if (tokens is TestTokens ours)
        {
            Describe(ours);
        }

        return new ProviderConnection("federated", Settings, new ProviderAuth.WorkloadIdentity(changed, tokens));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await issuer.DisposeAsync();
    }
}
