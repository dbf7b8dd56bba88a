using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Tests.Http;

/// <summary>Connections as the service would hand them over: settings with their defaults filled in, static fields as secrets.</summary>
internal static class Connections
{
    public static ProviderConnection To(
        ISecretProvider provider, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string> auth)
    {
        var filled = new Dictionary<string, string>(settings);
        foreach (var field in provider.Settings)
        {
            if (field.Default is { } value)
            {
                filled.TryAdd(field.Name, value);
            }
        }

        foreach (var field in provider.Settings.Where(field => filled.ContainsKey(field.Name)))
        {
            field.Check(filled[field.Name]).ShouldBeNull(field.Name);
        }

        return new ProviderConnection(
            "test-credential",
            filled,
            new ProviderAuth.Static(auth.ToDictionary(pair => pair.Key, pair => new SecretValue(Encoding.UTF8.GetBytes(pair.Value)))));
    }
}
