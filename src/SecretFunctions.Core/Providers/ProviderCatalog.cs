namespace SecretFunctions.Core.Providers;

/// <summary>The external stores this deployment can reach. Immutable.</summary>
public sealed class ProviderCatalog
{
    private readonly Dictionary<string, ISecretProvider> _providers;

    /// <exception cref="ArgumentException">Two providers have one name.</exception>
    public ProviderCatalog(IEnumerable<ISecretProvider> providers) =>
        _providers = providers.ToDictionary(static provider => provider.Name, StringComparer.Ordinal);

    /// <summary>
    /// Whether every organization's admins may write credentials that use the service's own identity. Else the deployment's operator alone may:
    /// that identity can reach more than any one organization is meant to, the root key included.
    /// </summary>
    public bool LendsIdentity { get; init; }

    public IEnumerable<string> Names => _providers.Keys.Order(StringComparer.Ordinal);

    public ISecretProvider? Find(string name) => _providers.GetValueOrDefault(name);

    /// <summary>The clouds that take our tokens.</summary>
    public IEnumerable<FederationTarget> Clouds => _providers.Values.Select(static provider => provider.Federation).OfType<FederationTarget>();

    /// <summary>One that exchanges tokens at this cloud; all of them do it alike.</summary>
    public ISecretProvider? FindByCloud(string cloud) => _providers.Values.FirstOrDefault(provider => provider.Federation?.Cloud == cloud);

    public FederationTarget? FindCloud(string cloud) => Clouds.FirstOrDefault(target => target.Cloud == cloud);
}
