using System.CommandLine;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary>Which variables take part: the same for <c>resolve</c>, <c>render</c> and <c>run</c>.</summary>
internal sealed class SelectorOptions
{
    private readonly Option<string?> _automation = new("--automation", "-a")
    {
        Description = "The automation; left out, the calling automation itself, or for other keys all they may use.",
    };

    private readonly Option<string?> _project = new("--project") { Description = "Without an automation: take this project's variables too." };
    private readonly Option<string> _environment = CommonOptions.Environment();
    private readonly Option<string[]> _tags = CommonOptions.Tags("Only variables with this tag. Repeat it for more.");
    private readonly Option<string?> _snapshot = new("--snapshot") { Description = "The values that this snapshot pinned." };
    private readonly Option<bool> _fresh = new("--fresh") { Description = "Read external stores now, whatever is cached." };
    private readonly KickoffOptions _kickoff = new();

    public Command AddTo(Command command)
    {
        Array.ForEach<Option>([_automation, _project, _environment, _tags, _snapshot, _fresh, .. _kickoff.All], command.Add);
        return command;
    }

    public ResolveRequest ToRequest(ParseResult parsed) => new()
    {
        Automation = parsed.GetValue(_automation),
        Project = parsed.GetValue(_project),
        Environment = parsed.GetValue(_environment),
        Tags = CommonOptions.Some(parsed.GetValue(_tags)),
        Snapshot = parsed.GetValue(_snapshot),
        Fresh = parsed.GetValue(_fresh),
        Kickoff = _kickoff.Of(parsed),
    };
}
