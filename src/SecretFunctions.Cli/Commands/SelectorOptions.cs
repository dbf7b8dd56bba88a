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
    private readonly Option<string?> _kickoffId = new("--kickoff-id") { Description = "What the audit log shall call this start." };

    private readonly Option<string?> _kickoffKind = new("--kickoff-kind")
    {
        Description = "crew, flow, training, test, checkpoint-restore or deploy.",
    };

    private readonly Option<string?> _triggeredBy = new("--triggered-by") { Description = "The e-mail of the member who started it by hand." };

    public Command AddTo(Command command)
    {
        Option[] options = [_automation, _project, _environment, _tags, _snapshot, _fresh, _kickoffId, _kickoffKind, _triggeredBy];
        foreach (var option in options)
        {
            command.Add(option);
        }

        return command;
    }

    public ResolveRequest ToRequest(ParseResult parsed) => new()
    {
        Automation = parsed.GetValue(_automation),
        Project = parsed.GetValue(_project),
        Environment = parsed.GetValue(_environment),
        Tags = parsed.GetValue(_tags) is { Length: > 0 } tags ? tags : null,
        Snapshot = parsed.GetValue(_snapshot),
        Fresh = parsed.GetValue(_fresh),
        Kickoff = Kickoff(parsed),
    };

    private KickoffRequest? Kickoff(ParseResult parsed)
    {
        var kickoff = new KickoffRequest
        {
            Id = parsed.GetValue(_kickoffId),
            Kind = parsed.GetValue(_kickoffKind),
            TriggeredBy = parsed.GetValue(_triggeredBy),
        };
        return kickoff == new KickoffRequest() ? null : kickoff;
    }
}
