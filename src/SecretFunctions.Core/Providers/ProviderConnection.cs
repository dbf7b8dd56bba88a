namespace SecretFunctions.Core.Providers;

/// <summary>What is needed to reach one store: checked settings and a way to authenticate.</summary>
/// <param name="Credential">The provider credential's name, for logs and messages.</param>
/// <param name="Settings">By field name, defaults filled in; a field that was left out is absent.</param>
/// <param name="Auth">How we get in.</param>
public sealed record ProviderConnection(string Credential, IReadOnlyDictionary<string, string> Settings, ProviderAuth Auth)
{
    /// <summary>
    /// Told the time by the other side's clock at each answer that carries it, refusals too. May be called by several threads; null where
    /// nobody compares clocks.
    /// </summary>
    public Action<DateTimeOffset>? AnswerDated { get; init; }

    /// <summary>A required setting, or one with a default.</summary>
    public string Required(string name) => Settings[name];

    public string? Optional(string name) => Settings.GetValueOrDefault(name);
}

/// <summary>The ways into a store. Closed: a provider handles those its <see cref="ISecretProvider.AuthSchemes"/> names.</summary>
public abstract class ProviderAuth
{
    private ProviderAuth()
    {
    }

    /// <summary>Fields an admin typed in. Every one of them is treated as secret.</summary>
    public sealed class Static(IReadOnlyDictionary<string, SecretValue> fields) : ProviderAuth, IDisposable
    {
        public bool Has(string name) => fields.ContainsKey(name);

        /// <exception cref="KeyNotFoundException">Not given; ask <see cref="Has"/> about optional fields.</exception>
        public ReadOnlySpan<byte> Reveal(string name) => fields[name].Reveal();

        public void Dispose()
        {
            foreach (var field in fields.Values)
            {
                field.Dispose();
            }
        }
    }

    /// <summary>The identity the service itself runs as in the provider's cloud.</summary>
    public sealed class Ambient : ProviderAuth;

    /// <summary>One of our own OIDC tokens, exchanged for access.</summary>
    /// <param name="target">
    /// Whom to become there, by field name (<see cref="FederationTarget.Fields"/>), and <see cref="FederationTarget.Audience"/>.
    /// </param>
    /// <param name="tokens">Mints for one subject; called anew whenever access is exchanged.</param>
    public sealed class WorkloadIdentity(IReadOnlyDictionary<string, string> target, ISubjectTokenSource tokens) : ProviderAuth
    {
        public IReadOnlyDictionary<string, string> Target { get; } = target;

        public ISubjectTokenSource Tokens { get; } = tokens;
    }
}

/// <summary>Mints OIDC tokens for one subject. Safe for concurrent use.</summary>
public interface ISubjectTokenSource
{
    Task<Result<SecretValue>> MintAsync(string audience, CancellationToken cancellationToken);
}

/// <summary>One field of a provider credential: what may be written, and what the documentation says of it.</summary>
/// <param name="Name">As in JSON.</param>
/// <param name="Description">One line for OpenAPI and the CLI.</param>
public sealed record ProviderField(string Name, string Description)
{
    public bool Required { get; init; } = true;

    public FieldType Type { get; init; } = FieldType.Text;

    /// <summary>Taken where the field is left out.</summary>
    public string? Default { get; init; }

    /// <summary>Null where the text will do; else one sentence, with a capital and a period, that does not repeat the text.</summary>
    public Func<string, string?> Check { get; init; } = static _ => null;
}

public enum FieldType
{
    Text,

    /// <summary>A whole number, handed over as its decimal text.</summary>
    Integer,

    /// <summary>An address that server-side requests will go to. Its <see cref="ProviderField.Check"/> applies the outbound rules.</summary>
    Url,

    /// <summary>A JSON object, handed over as its text.</summary>
    Object,
}

/// <param name="Type"><c>static</c>, <c>ambient</c> or <c>workload-identity</c>.</param>
/// <param name="Fields">Of <c>static</c>: what the admin types in, all of it write-only.</param>
public sealed record AuthScheme(string Type, IReadOnlyList<ProviderField> Fields)
{
    public const string Static = "static";
    public const string Ambient = "ambient";
    public const string WorkloadIdentity = "workload-identity";
}
