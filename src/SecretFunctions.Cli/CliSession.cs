using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli;

/// <summary>What every command has in common: how to reach the service, how to print, and what a failure looks like.</summary>
internal sealed class CliSession(Func<string, string?> environmentVariable)
{
    public const string UrlVariable = "SECRETFUNCTIONS_URL";
    public const string ApiKeyVariable = "SECRETFUNCTIONS_API_KEY";

    private readonly Option<string?> _url = new("--url") { Description = $"Address of the service (default: ${UrlVariable}).", Recursive = true };

    private readonly Option<FileInfo?> _apiKeyFile = new("--api-key-file")
    {
        Description = $"File with the API key (default: the key itself in ${ApiKeyVariable}).",
        Recursive = true,
    };

    private readonly Option<string?> _organization = new("--organization") { Description = "For a key of several organizations.", Recursive = true };

    private readonly Option<string> _output = Choice("--output", "How to print.", "table", "json");

    public void AddTo(RootCommand root)
    {
        _output.Recursive = true;
        _output.Aliases.Add("-o");
        root.Add(_url);
        root.Add(_apiKeyFile);
        root.Add(_organization);
        root.Add(_output);
    }

    /// <summary>An option that takes one of a few words, the first of them where it is left out.</summary>
    public static Option<string> Choice(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => words[0] };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    /// <summary>Makes <paramref name="action"/> what <paramref name="command"/> does.</summary>
    public Command Does(Command command, Func<ParseResult, SecretFunctionsClient, Printer, CancellationToken, Task> action) =>
        Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            await action(parsed, client, printer, cancellationToken);
            return ExitCode.Success;
        });

    /// <summary>The same for a command that prints what it found out, and whose exit code says how that was.</summary>
    public Command Does(Command command, Func<ParseResult, SecretFunctionsClient, Printer, CancellationToken, Task<int>> action)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            using var client = Connect(parsed);
            return await action(parsed, client, new Printer(parsed.GetValue(_output) == "json"), cancellationToken);
        }));
        return command;
    }

    /// <summary>The same for a command that has an exit code of its own.</summary>
    public Command Does(Command command, Func<ParseResult, SecretFunctionsClient, CancellationToken, Task<int>> action)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            using var client = Connect(parsed);
            return await action(parsed, client, cancellationToken);
        }));
        return command;
    }

    private static async Task<int> GuardAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (SecretFunctionsException exception)
        {
            ProblemText.Write(Console.Error, exception);
            return ExitCode.Failure;
        }
        catch (UsageException exception)
        {
            await Console.Error.WriteLineAsync($"secretfunctions: {exception.Message}");
            return ExitCode.Usage;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"secretfunctions: {exception.Message}");
            return ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private SecretFunctionsClient Connect(ParseResult parsed)
    {
        var url = parsed.GetValue(_url) ?? environmentVariable(UrlVariable);
        if (string.IsNullOrEmpty(url))
        {
            throw new UsageException($"Where is the service? Set {UrlVariable}, or give --url.");
        }

        return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0
            ? new SecretFunctionsClient(address, ReadApiKey(parsed), parsed.GetValue(_organization))
            : throw new UsageException($"The service's address ({UrlVariable} or --url) must be like https://secrets.example.org.");
    }

    private string ReadApiKey(ParseResult parsed)
    {
        var key = parsed.GetValue(_apiKeyFile) is { } file ? File.ReadAllText(file.FullName).Trim() : environmentVariable(ApiKeyVariable);
        if (string.IsNullOrEmpty(key))
        {
            throw new UsageException($"Who calls? Set {ApiKeyVariable}, or give --api-key-file.");
        }

        return key.Any(char.IsWhiteSpace) ? throw new UsageException("The API key has white space in it: it is not only a key.") : key;
    }
}
