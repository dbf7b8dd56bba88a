using System.CommandLine;

namespace SecretFunctions.Cli.Commands;

/// <summary>Whom a credential or a workload identity configuration serves. What is left out stays as it is; a new one serves all.</summary>
internal sealed class ScopeOptions
{
    private readonly Limit _projects = new("project");
    private readonly Limit _automations = new("automation");

    public void AddTo(Command command)
    {
        _projects.AddTo(command);
        _automations.AddTo(command);
    }

    public (string? Scope, string[]? Projects, string[]? Automations) Of(ParseResult parsed)
    {
        var projects = _projects.Of(parsed);
        return (projects is null ? null : projects.Length > 0 ? "projects" : "organization", projects, _automations.Of(parsed));
    }

    /// <summary>To things of one kind.</summary>
    internal sealed class Limit
    {
        private readonly Option<string[]> _named;
        private readonly Option<bool> _all;

        public Limit(string kind, params string[] aliases)
        {
            _named = new Option<string[]>($"--{kind}", aliases) { Description = $"Only for this {kind}. Repeat it for more." };
            _all = new Option<bool>($"--all-{kind}s") { Description = $"Lifts the limit to {kind}s." };
        }

        public void AddTo(Command command)
        {
            command.Add(_named);
            command.Add(_all);
            command.Validators.Add(result =>
            {
                if (result.GetResult(_named) is not null && result.GetValue(_all))
                {
                    result.AddError($"{_all.Name} lifts the limit that {_named.Name} sets.");
                }
            });
        }

        /// <summary>Null leaves it as it is; none lifts it.</summary>
        public string[]? Of(ParseResult parsed) => parsed.GetValue(_all) ? [] : CommonOptions.Some(parsed.GetValue(_named));
    }
}
