using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>assign AUTOMATION KEY…</c>: what an automation may resolve.</summary>
internal static class AssignCommand
{
    private const int MaxAttempts = 5;

    private static readonly Column<AssignmentItem>[] Columns =
    [
        new("KEY", static item => item.Key),
        new("SCOPE", static item => item.Scope),
    ];

    public static Command Create(CliSession session)
    {
        var automation = new Argument<string>("automation") { Description = "The automation's name." };
        var keys = new Argument<string[]>("key") { Description = "Variables to assign; none lists what is assigned.", Arity = ArgumentArity.ZeroOrMore };
        var environment = CommonOptions.Environment();
        var scope = new Option<string?>("--scope", "-s") { Description = "Of the keys: organization (default), project, automation or personal." };
        var replace = new Option<bool>("--replace") { Description = "Take away what is not named." };
        return session.Does(
            new Command("assign", "Let an automation resolve variables.") { automation, keys, environment, scope, replace },
            async (parsed, client, printer, cancellationToken) =>
            {
                var place = (Automation: parsed.GetRequiredValue(automation), Environment: parsed.GetRequiredValue(environment));
                var items = (parsed.GetValue(keys) ?? []).Select(key => new AssignmentItem { Key = key, Scope = parsed.GetValue(scope) ?? "organization" }).ToArray();
                var assigned = (items.Length, parsed.GetValue(replace)) switch
                {
                    (0, false) => (await client.GetAssignmentsAsync(place.Automation, place.Environment, cancellationToken)).Resource,
                    (_, true) => await client.PutAssignmentsAsync(place.Automation, place.Environment, new() { Items = items }, null, cancellationToken),
                    _ => await AddAsync(client, place.Automation, place.Environment, items, cancellationToken),
                };
                await printer.ManyAsync(assigned.Items.ToAsyncEnumerable(), null, Printer.Types.AssignmentItem, Columns);
            });
    }

    /// <summary>On condition that nobody else changes the list meanwhile: then once more, on what it is now.</summary>
    private static async Task<AssignmentsResource> AddAsync(
        SecretFunctionsClient client, string automation, string environment, AssignmentItem[] items, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = await client.GetAssignmentsAsync(automation, environment, cancellationToken);
            var request = new AssignmentsRequest { Items = [.. current.Resource.Items.Union(items)] };
            try
            {
                return await client.PutAssignmentsAsync(automation, environment, request, current, cancellationToken);
            }
            catch (SecretFunctionsException exception) when (exception.Status == 412 && attempt < MaxAttempts)
            {
                // Somebody was faster.
            }
        }
    }
}
