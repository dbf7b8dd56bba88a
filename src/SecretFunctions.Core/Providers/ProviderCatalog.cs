namespace SecretFunctions.Core.Providers;

/// <summary>The external stores this deployment can reach. Safe for concurrent use.</summary>
/// <param name="create">Makes them, of which no two have one name. Called once, by the first who asks for one: a resolve of stored values needs none.</param>
public sealed class ProviderCatalog(Func<IEnumerable<ISecretProvider>> create)
{
    private readonly Lazy<Dictionary<string, ISecretProvider>> _providers =
        new(() => create().ToDictionary(static provider => provider.Name, StringComparer.Ordinal));

    public ProviderCatalog(IEnumerable<ISecretProvider> providers)
        : this(() => providers)
    {
    }

    /// <summary>
    /// Whether every organization's admins may write credentials that use the service's own identity. Else the deployment's operator alone may:
    /// that identity can reach more than any one organization is meant to, the root key included.
    /// </summary>
    public bool LendsIdentity { get; init; }

    public IEnumerable<string> Names => _providers.Value.Keys.Order(StringComparer.Ordinal);

    public ISecretProvider? Find(string name) => _providers.Value.GetValueOrDefault(name);

    /// <summary>The clouds that take our tokens.</summary>
    public IEnumerable<FederationTarget> Clouds => _providers.Value.Values.Select(static provider => provider.Federation).OfType<FederationTarget>();

    /// <summary>One that exchanges tokens at this cloud; all of them do it alike.</summary>
    public ISecretProvider? FindByCloud(string cloud) => _providers.Value.Values.FirstOrDefault(provider => provider.Federation?.Cloud == cloud);

    public FederationTarget? FindCloud(string cloud) => Clouds.FirstOrDefault(target => target.Cloud == cloud);
}
