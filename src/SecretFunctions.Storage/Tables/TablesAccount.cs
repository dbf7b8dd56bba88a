using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Storage.Tables;

/// <summary>Where the tables are, and the key to them where a connection string gave one.</summary>
/// <remarks>A class, not a record: records print themselves, and this holds the account key.</remarks>
public sealed class TablesAccount
{
    /// <summary>The emulator's account. Its key is published in its documentation and guards nothing.</summary>
    private const string EmulatorName = "devstoreaccount1";

    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private TablesAccount(Uri endpoint, string? name, byte[]? key)
    {
        Endpoint = endpoint;
        Name = name;
        Key = key;
    }

    public Uri Endpoint { get; }

    internal string? Name { get; }

    internal byte[]? Key { get; }

    /// <summary>An account that identities are granted access to.</summary>
    /// <param name="text">An absolute https URL.</param>
    /// <param name="account">The account.</param>
    /// <param name="error">What is wrong, for an operator.</param>
    public static bool TryFromEndpoint(
        string text, [NotNullWhen(true)] out TablesAccount? account, [NotNullWhen(false)] out string? error)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || endpoint.Scheme != Uri.UriSchemeHttps
            || endpoint.UserInfo.Length > 0 || endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0)
        {
            // https, because the token that is sent along is good for the whole account.
            (account, error) = (null, "must be an https URL such as https://ACCOUNT.table.core.windows.net");
            return false;
        }

        if (endpoint.Host.Split('.') is [_, "blob" or "queue" or "file" or "dfs" or "web", ..])
        {
            (account, error) = (null, "must be the account's endpoint for tables, such as https://ACCOUNT.table.core.windows.net, not one of its others");
            return false;
        }

        (account, error) = (new TablesAccount(endpoint, null, null), null);
        return true;
    }

    /// <summary>Reads a connection string as the portal shows it.</summary>
    /// <param name="text">Semicolon-separated settings.</param>
    /// <param name="account">The account.</param>
    /// <param name="error">What is wrong, for an operator; never part of <paramref name="text"/>'s values.</param>
    public static bool TryFromConnectionString(
        string text, [NotNullWhen(true)] out TablesAccount? account, [NotNullWhen(false)] out string? error)
    {
        account = null;
        if (!TryParseSettings(text, out var settings, out error))
        {
            return false;
        }

        if (settings.TryGetValue("UseDevelopmentStorage", out var development) && development.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            settings.TryAdd("AccountName", EmulatorName);
            settings.TryAdd("AccountKey", EmulatorKey);
            settings.TryAdd("TableEndpoint", $"http://127.0.0.1:10002/{EmulatorName}");
        }

        if (settings.ContainsKey("SharedAccessSignature"))
        {
            error = "holds a SharedAccessSignature, which is not supported; use an AccountKey, or Tables:Endpoint with an identity";
        }
        else if (!settings.TryGetValue("AccountName", out var name) || name.Length == 0)
        {
            error = "has no AccountName";
        }
        else if (!settings.TryGetValue("AccountKey", out var keyText) || keyText.Length == 0)
        {
            error = "has no AccountKey";
        }
        else if (!TryDecodeKey(keyText, out var key))
        {
            error = "has an AccountKey that is not base64";
        }
        else if (!Uri.TryCreate(EndpointText(settings, name), UriKind.Absolute, out var endpoint)
            || (endpoint.Scheme != Uri.UriSchemeHttps && endpoint.Scheme != Uri.UriSchemeHttp))
        {
            error = "does not give an http or https TableEndpoint (or DefaultEndpointsProtocol and EndpointSuffix)";
        }
        else
        {
            account = new TablesAccount(endpoint, name, key);
            return true;
        }

        return false;
    }

    public override string ToString() => Endpoint.ToString();

    private static string EndpointText(Dictionary<string, string> settings, string name) =>
        settings.TryGetValue("TableEndpoint", out var endpoint)
            ? endpoint
            : $"{settings.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{name}.table.{settings.GetValueOrDefault("EndpointSuffix", "core.windows.net")}";

    private static bool TryDecodeKey(string text, [NotNullWhen(true)] out byte[]? key)
    {
        key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, key, out var length))
        {
            key = null;
            return false;
        }

        key = key[..length];
        return true;
    }

    private static bool TryParseSettings(
        string text, out Dictionary<string, string> settings, [NotNullWhen(false)] out string? error)
    {
        settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var position = 0;
        foreach (var setting in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            position++;

            // Only the first "=" separates: base64 ends in them.
            var separator = setting.IndexOf('=', StringComparison.Ordinal);
            if (separator <= 0)
            {
                // By position, not by text: a key pasted without its name would be the text.
                error = $"has no NAME=VALUE in part {position}";
                return false;
            }

            if (!settings.TryAdd(setting[..separator].TrimEnd(), setting[(separator + 1)..].TrimStart()))
            {
                error = $"gives the setting of part {position} twice";
                return false;
            }
        }

        error = settings.Count == 0 ? "is empty" : null;
        return error is null;
    }
}
