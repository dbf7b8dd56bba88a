using System.CommandLine;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary>How a command names one variable.</summary>
internal sealed class VariableOptions
{
    private readonly Argument<string> _key = new("key") { Description = "The variable's key." };
    private readonly Option<string> _environment = CommonOptions.Environment();
    private readonly Option<string?> _scope = ScopeOption();

    public static Option<string?> ScopeOption() =>
        new("--scope", "-s") { Description = "organization (default), project:NAME, automation:NAME or personal." };

    public Command AddTo(Command command)
    {
        command.Add(_key);
        command.Add(_environment);
        command.Add(_scope);
        return command;
    }

    public VariableName Of(ParseResult parsed) => new(parsed.GetRequiredValue(_environment), parsed.GetRequiredValue(_key), parsed.GetValue(_scope));
}
