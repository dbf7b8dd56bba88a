using System.CommandLine;
using System.CommandLine.Parsing;
using SecretFunctions.Cli.Commands;

namespace SecretFunctions.Cli;

/// <summary>All commands, and the one place that runs them.</summary>
internal static class CommandTree
{
    public static async Task<int> RunAsync(string[] args, Func<string, string?> environmentVariable)
    {
        var session = new CliSession(environmentVariable);
        var root = new RootCommand("Store secrets, assign them to automations, resolve them.")
        {
            WhoamiCommand.Create(session),
            OrganizationCommands.Create(session),
            ProjectCommands.Create(session),
            EnvironmentCommands.Create(session),
            AutomationCommands.Create(session),
            AssignCommand.Create(session),
            VariableCommands.Create(session),
            ResolveCommand.Create(session),
            RenderCommand.Create(session),
            RunCommand.Create(session),
            SnapshotCommands.Create(session),
            TokenCommand.Create(session),
            CredentialCommands.Create(session),
            CacheCommands.Create(session),
            WorkloadIdentityCommands.Create(session),
            MemberCommands.Create(session),
            RoleCommands.Create(session),
            ApiKeyCommands.Create(session),
            TrustedIssuerCommands.Create(session),
            AuditCommands.Create(session),
            KeyCommands.Create(session),
        };
        session.AddTo(root);

        // No response files: '@name' is an argument like any other, all the more in the command that 'run' starts.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Errors.Count > 0
            ? Explain(parsed)
            : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    /// <summary>What is wrong with the command line. An argument too many is not repeated: it may be a value that was to be stored.</summary>
    private static int Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var surplus = command.Subcommands.Count == 0 ? parsed.UnmatchedTokens : [];
        if (surplus.Count > 0)
        {
            var option = surplus.FirstOrDefault(static token => token.StartsWith("--", StringComparison.Ordinal))?.Split('=')[0];
            Console.Error.WriteLine(option is null ? "secretfunctions: There is an argument too many." : $"secretfunctions: There is no option {option}.");
        }
        else
        {
            Console.Error.WriteLine($"secretfunctions: {parsed.Errors[0].Message}");
        }

        var path = string.Join(' ', PathOf(parsed.CommandResult));
        Console.Error.WriteLine($"Try: {path} --help");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> PathOf(SymbolResult? result) =>
        result is CommandResult command ? [.. PathOf(command.Parent), command.Command.Name] : [];
}
