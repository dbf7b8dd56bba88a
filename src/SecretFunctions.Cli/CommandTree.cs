using System.CommandLine;
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
            ProjectCommands.Create(session),
            EnvironmentCommands.Create(session),
            AutomationCommands.Create(session),
            AssignCommand.Create(session),
            VariableCommands.Create(session),
            ResolveCommand.Create(session),
            RenderCommand.Create(session),
            RunCommand.Create(session),
            SnapshotCommands.Create(session),
            ApiKeyCommands.Create(session),
            AuditCommands.Create(session),
        };
        session.AddTo(root);

        // No response files: '@name' is an argument like any other, all the more in the command that 'run' starts.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : exitCode;
    }
}
