using SecretFunctions.Hosting;

namespace SecretFunctions.Server;

/// <summary>What a start shows: the address, and the first time the operator's key, this once, and commands that work as they are.</summary>
internal static class Welcome
{
    public static void PrintKey(string operatorKey) => Console.WriteLine($"""
        The owner's API key, shown this once and kept nowhere: {operatorKey}
        ({SecretFunctionsOptions.Section}__BootstrapKey sets one of your own, now or later.)
        """);

    public static void PrintAddress(WebApplication app, string? operatorKey)
    {
        var url = app.Urls.First().Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
        Console.WriteLine($"SecretFunctions listens on {url}");
        if (operatorKey is null)
        {
            return;
        }

        // The key goes into a variable and from there through a file descriptor: no process ever has it as an argument.
        const string auth = "-H @<(echo \"Authorization: Bearer $SF_KEY\")";
        Console.WriteLine($$"""

            Paste these four lines (bash or zsh) to store a secret, give it to an automation, and resolve it:

            export SF_KEY={{operatorKey}}; curl -sS {{auth}} -X PUT {{url}}/v1/variables/dev/GREETING --json '{"value":"hello"}'
            curl -sS {{auth}} -X PUT {{url}}/v1/automations/first --json '{"project":"default"}'
            curl -sS {{auth}} -X PUT {{url}}/v1/automations/first/assignments --json '{"items":[{"key":"GREETING"}]}'
            curl -sS {{auth}} {{url}}/v1/resolve --json '{"automation":"first"}'
            """);
    }
}
