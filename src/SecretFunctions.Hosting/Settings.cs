using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using SecretFunctions.Storage;

namespace SecretFunctions.Hosting;

/// <summary>
/// Holds a configuration section against the options types it is bound to, so that a misspelt or malformed setting is a sentence
/// that names it, where the binder would pass over the one and throw at the other.
/// </summary>
internal static class Settings
{
    /// <summary>Every group of settings by its type. Each is named here, since trimming keeps the properties of types that are named, not of those come upon.</summary>
    private static readonly Dictionary<Type, Func<PropertyInfo[]>> Groups = new(
    [
        Group<SecretFunctionsOptions>(), Group<TokenSettings>(), Group<SigningKeySettings>(), Group<RootOptions>(), Group<VaultSettings>(), Group<ResolveSettings>(),
        Group<ProviderSettings>(), Group<MaintenanceSettings>(), Group<EventSettings>(), Group<AuditSettings>(), Group<LimitSettings>(), Group<StorageOptions>(), Group<TablesOptions>(),
    ]);

    /// <summary>Everything that is wrong, a sentence each; never a value, which may be a secret in the wrong place.</summary>
    /// <param name="section">What the operator configured.</param>
    /// <param name="options">Types that share the section: a setting is known where one of them has a property of its name.</param>
    public static IEnumerable<string> Check(IConfigurationSection section, params Type[] options) => CheckGroup(section, section.Key, options);

    private static KeyValuePair<Type, Func<PropertyInfo[]>> Group<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>() =>
        new(typeof(T), static () => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance));

    private static IEnumerable<string> CheckGroup(IConfigurationSection section, string path, Type[] options)
    {
        var known = options
            .SelectMany(static type => Groups[type]())
            .Where(static property => property.CanWrite)
            .ToLookup(static property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var setting in section.GetChildren())
        {
            var properties = known[setting.Key].ToArray();
            var problems = properties.Length == 0
                ? [$"{path}:{setting.Key} is not a setting: {path} has {string.Join(", ", known.Select(static name => name.Key).Order(StringComparer.Ordinal))}."]
                : properties.SelectMany(property => CheckSetting(setting, $"{path}:{property.Name}", property.PropertyType));
            foreach (var problem in problems)
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> CheckSetting(IConfigurationSection setting, string path, Type type)
    {
        if (IsReference(setting))
        {
            return [Unresolved(path)];
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Type.GetTypeCode(type) is not TypeCode.Object)
        {
            return setting.Value is { } text && IsReadable(type, text) ? [] : [$"{path} must be {Describe(type)}."];
        }

        if (type.IsAssignableTo(typeof(IEnumerable)))
        {
            // A list or a map: whoever reads it knows what belongs in it.
            return setting.GetChildren().Where(IsReference).Select(child => Unresolved($"{path}:{child.Key}"));
        }

        return string.IsNullOrEmpty(setting.Value) ? CheckGroup(setting, path, [type]) : [$"{path} is a group of settings and has no value of its own."];
    }

    /// <summary>What Azure leaves in place of a secret that it could not read. Taken for the secret, it would be one that everybody knows who knows the vault.</summary>
    private static bool IsReference(IConfigurationSection setting) => setting.Value?.StartsWith("@Microsoft.", StringComparison.OrdinalIgnoreCase) == true;

    private static string Unresolved(string path) =>
        $"{path} is a reference that Azure did not resolve: look at its status in the app's settings, and at the identity's access to the vault.";

    /// <summary>As the binder reads them.</summary>
    private static bool IsReadable(Type type, string text) => Type.GetTypeCode(type) switch
    {
        TypeCode.String => true,
        TypeCode.Boolean => bool.TryParse(text, out _),
        TypeCode.Int32 => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
        TypeCode.Double => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        _ => throw new NotSupportedException($"No setting was a {type.Name} until now."),
    };

    private static string Describe(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "true or false",
        TypeCode.Int32 => "a whole number",
        TypeCode.Double => "a number",
        _ => "a single value",
    };
}
