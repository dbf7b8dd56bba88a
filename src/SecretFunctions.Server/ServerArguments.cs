using SecretFunctions.Hosting;

namespace SecretFunctions.Server;

/// <summary>The command line. The configuration reads it too, but passes over what it does not know: a misspelt option would do nothing, unsaid.</summary>
internal static class ServerArguments
{
    public const string Help = """
        Usage: SecretFunctions.Server [--urls URLS] [--data FOLDER] [--SECTION:NAME VALUE]...

          --urls URLS            Where to listen; default http://localhost:5000. Several are separated by ';', and port 0 takes a free one.
          --data FOLDER          The folder of the embedded database and the root key; default: data.
          --SECTION:NAME VALUE   Any other setting: docs/configuration.md has them all.
        """;

    private static readonly string[] Options = ["--urls", "--data", "--http_ports", "--https_ports", "--environment"];

    // Whoever can list processes can read their arguments.
    private static readonly string[] Secrets = [$"{SecretFunctionsOptions.Section}:BootstrapKey", $"{SecretFunctionsOptions.Section}:Tables:ConnectionString"];

    /// <summary>Short names for settings.</summary>
    public static IDictionary<string, string> Aliases { get; } = new Dictionary<string, string> { ["--data"] = $"{SecretFunctionsOptions.Section}:Data" };

    /// <exception cref="SetupException">An argument is not one of ours. It is named by its position where it might be a secret.</exception>
    public static void Check(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                throw new SetupException($"Argument {i + 1} is not an option: options begin with '--'.");
            }

            if (Secrets.FirstOrDefault(secret => name[2..].Equals(secret, StringComparison.OrdinalIgnoreCase)) is { } secret)
            {
                throw new SetupException(
                    $"{secret} must not stand on the command line, where others can read it: set the environment variable {secret.Replace(":", "__", StringComparison.Ordinal)}.");
            }

            if (!name.Contains(':', StringComparison.Ordinal) && !Options.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new SetupException($"'{name}' is not an option: there are {string.Join(", ", Options)}, and every setting as --SECTION:NAME.");
            }

            if (equals < 0 && (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal)))
            {
                throw new SetupException($"'{name}' needs a value.");
            }
        }
    }
}
