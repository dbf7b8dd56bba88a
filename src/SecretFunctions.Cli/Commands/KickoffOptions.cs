using System.CommandLine;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary>What is told of a start.</summary>
internal sealed class KickoffOptions
{
    private readonly Option<string?> _id = new("--kickoff-id") { Description = "What the audit log shall call this start." };
    private readonly Option<string?> _kind = new("--kickoff-kind") { Description = "crew, flow, training, test, checkpoint-restore or deploy." };
    private readonly Option<string?> _triggeredBy = new("--triggered-by") { Description = "The e-mail of the member who started it by hand." };

    public Option[] All => [_id, _kind, _triggeredBy];

    /// <summary>Null where nothing is.</summary>
    public KickoffRequest? Of(ParseResult parsed)
    {
        var kickoff = new KickoffRequest { Id = parsed.GetValue(_id), Kind = parsed.GetValue(_kind), TriggeredBy = parsed.GetValue(_triggeredBy) };
        return kickoff == new KickoffRequest() ? null : kickoff;
    }
}
