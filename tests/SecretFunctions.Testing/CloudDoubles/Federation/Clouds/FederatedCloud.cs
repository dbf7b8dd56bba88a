using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

/// <summary>
/// A cloud with a store of secrets, in which an admin was told of an issuer and of nothing else: what is set up there, and what the service is
/// told of it. The token that the service comes with is verified against the issuer's own documents, over HTTP.
/// </summary>
public abstract class FederatedCloud : IAsyncDisposable
{
    /// <summary>Of <see cref="StartAsync"/>: <c>google-account</c> is Google with a service account in between.</summary>
    public static IReadOnlyList<string> Names { get; } = ["aws", "google", "google-account", "azure", "vault", "conjur"];

    /// <summary>Where tokens are exchanged.</summary>
    public abstract CloudDouble Exchange { get; }

    /// <summary>Where secrets are read; often the same.</summary>
    public abstract CloudDouble Store { get; }

    /// <summary>What came to be exchanged.</summary>
    public abstract FederatedTokens Tokens { get; }

    /// <summary>The subjects that were given access, one for each exchange, oldest first.</summary>
    public abstract IReadOnlyList<string> Subjects { get; }

    /// <summary>Every access that was given, or what all of them contain.</summary>
    public abstract IReadOnlyList<string> Issued { get; }

    /// <summary>Of section SecretFunctions: what leads the service here instead of to the real cloud.</summary>
    public virtual IReadOnlyList<(string Name, string Value)> Settings => [];

    /// <summary>The body of the workload identity configuration, with everything optional left out. Subjects name automations.</summary>
    public abstract JsonObject Configuration { get; }

    /// <summary>The body of a credential, but for <c>auth</c>.</summary>
    protected abstract JsonObject Credential { get; }

    /// <summary>Those that make a cloud, loopback servers all of them, by one clock.</summary>
    public static async Task<FederatedCloud> StartAsync(string name, TimeProvider clock)
    {
        FederatedCloud cloud = name switch
        {
            "aws" => new FederatedAws(clock),
            "google" => new FederatedGoogle(clock, impersonates: false),
            "google-account" => new FederatedGoogle(clock, impersonates: true),
            "azure" => new FederatedAzure(clock),
            "vault" => new FederatedVault(clock),
            "conjur" => new FederatedConjur(clock),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such cloud."),
        };
        await cloud.Exchange.StartAsync();
        if (cloud.Store != cloud.Exchange)
        {
            await cloud.Store.StartAsync();
        }

        return cloud;
    }

    /// <summary>The body of a credential that gets in through this configuration.</summary>
    public JsonObject CredentialBy(string configuration)
    {
        var credential = Credential;
        credential["auth"] = new JsonObject { ["type"] = "workload-identity", ["config"] = configuration };
        return credential;
    }

    /// <summary>What an admin does there once: these subjects of this issuer may read.</summary>
    public abstract void Trust(string issuer, params IReadOnlyList<string> subjects);

    /// <summary>Writes a secret, or its next version.</summary>
    /// <returns>How a reference names it.</returns>
    public abstract string Put(string name, string value);

    /// <summary>From now on this subject gets in, and may read nothing.</summary>
    public abstract void DenyReads(string subject);

    public async ValueTask DisposeAsync()
    {
        await Exchange.DisposeAsync();
        await Store.DisposeAsync();
        Tokens.Dispose();
        GC.SuppressFinalize(this);
    }
}
