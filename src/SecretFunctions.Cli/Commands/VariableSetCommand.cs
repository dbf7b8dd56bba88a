using System.CommandLine;
using SecretFunctions.Cli.Input;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>variable set</c>: a value, words about it, and whom it is for.</summary>
internal static class VariableSetCommand
{
    public static Command Create(CliSession session)
    {
        var name = new VariableOptions();
        var file = new Option<FileInfo?>("--value-file") { Description = "File with the value, taken byte for byte (default: standard input, without its last line end)." };
        var isSealed = new Option<bool>("--sealed") { Description = "What is read is a value that has been sealed already: a JWE for the organization's sealing key." };
        var keepValue = new Option<bool>("--keep-value") { Description = "Read no value: the variable, which must exist, keeps the one it has." };
        var tags = CommonOptions.Tags("A tag it shall carry, in place of those it has. Repeat it for more.");
        var access = new Option<string[]>("--access") { Description = "E-MAIL=admin or E-MAIL=member, whom alone it is for, in place of the list it has. Repeat it for more." };
        var noAccess = new Option<bool>("--no-access-list") { Description = "Take the access list off: it is for whoever may see or change variables there." };
        var displayName = CommonOptions.DisplayName();
        var description = CommonOptions.Description();
        var command = name.AddTo(new Command("set", "Store a value. It is read from standard input or a file, never from an argument."));
        foreach (var option in new Option[] { file, isSealed, keepValue, tags, access, noAccess, displayName, description })
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(keepValue) && (result.GetResult(file) is not null || result.GetValue(isSealed)))
            {
                result.AddError("--keep-value takes no value.");
            }

            if (result.GetValue(noAccess) && result.GetResult(access) is not null)
            {
                result.AddError("--no-access-list takes the list off, and --access writes one.");
            }
        });
        return session.Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            var variable = name.Of(parsed);
            var request = new VariableRequest
            {
                Tags = parsed.GetValue(tags) is { Length: > 0 } given ? given : null,
                Access = ParseAccess(parsed.GetValue(access) ?? []),
                DisplayName = parsed.GetValue(displayName),
                Description = parsed.GetValue(description),
            };
            using var value = parsed.GetValue(keepValue) ? null : await SecretInput.ReadAsync(parsed.GetValue(file), $"Value of {variable.Key}: ", cancellationToken);
            request = parsed.GetValue(isSealed) ? request with { SealedValue = value } : request with { Value = value };
            Task<VariableResource> ChangeAsync() => client.PatchVariableAsync(variable, request, parsed.GetValue(noAccess), cancellationToken);
            var saved = value is null
                ? await ChangeAsync()
                : await Upsert.PatchOrPutAsync(ChangeAsync, () => client.PutVariableAsync(variable, request, cancellationToken));
            printer.One(saved, Printer.Types.VariableResource, VariableCommands.Columns);
        });
    }

    /// <summary>Null where nobody is named.</summary>
    private static AccessDescription[]? ParseAccess(string[] texts) => texts.Length == 0 ? null :
    [
        .. texts.Select(static text => text.Split('=') is [{ Length: > 0 } member, ("admin" or "member") and var role]
            ? new AccessDescription { Member = member, Role = role }
            : throw new UsageException("--access must be E-MAIL=admin or E-MAIL=member.")),
    ];
}
