using System.CommandLine;
using SecretFunctions.Cli.Input;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>variable set</c>: its value or where that lies, words about it, and whom it is for.</summary>
internal static class VariableSetCommand
{
    public static Command Create(CliSession session)
    {
        var name = new VariableOptions();
        var file = new Option<FileInfo?>("--value-file") { Description = "File with the value, taken byte for byte (default: standard input, without its last line end)." };
        var isSealed = new Option<bool>("--sealed") { Description = "What is read is a value that has been sealed already: a JWE for the organization's sealing key." };
        var keepValue = new Option<bool>("--keep-value") { Description = "Read no value: the variable, which must exist, keeps the one it has." };
        var reference = new ReferenceOptions();
        var tags = CommonOptions.Tags("A tag it shall carry, in place of those it has. Repeat it for more.");
        var access = new Option<string[]>("--access") { Description = "E-MAIL=admin or E-MAIL=member, whom alone it is for, in place of the list it has. Repeat it for more." };
        var noAccess = new Option<bool>("--no-access-list") { Description = "Take the access list off: it is for whoever may see or change variables there." };
        var displayName = CommonOptions.DisplayName();
        var description = CommonOptions.Description();
        var command = name.AddTo(new Command("set", "Store a value, or where it lies in an external store. A value is read from standard input or a file, never from an argument."));
        Array.ForEach<Option>([file, isSealed, keepValue, .. reference.All, tags, access, noAccess, displayName, description], command.Add);
        command.Validators.Add(result =>
        {
            var sources = new[] { result.GetValue(keepValue), result.GetResult(file) is not null || result.GetValue(isSealed), reference.All.Any(option => result.GetResult(option) is not null) };
            if (sources.Count(static isNamed => isNamed) > 1)
            {
                result.AddError("A variable has one source: a value (--value-file, --sealed), a reference (--credential or --provider, and --secret), or with --keep-value the one it has.");
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
                Reference = reference.Of(parsed),
                Tags = CommonOptions.Some(parsed.GetValue(tags)),
                Access = ParseAccess(parsed.GetValue(access) ?? []),
                DisplayName = parsed.GetValue(displayName),
                Description = parsed.GetValue(description),
            };
            using var value = parsed.GetValue(keepValue) || request.Reference is not null ? null : await SecretInput.ReadAsync(parsed.GetValue(file), $"Value of {variable.Key}: ", cancellationToken);
            request = parsed.GetValue(isSealed) ? request with { SealedValue = value } : request with { Value = value };
            Task<VariableResource> ChangeAsync() => client.PatchVariableAsync(variable, request, parsed.GetValue(noAccess), cancellationToken);
            var saved = parsed.GetValue(keepValue)
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

    /// <summary>Where a value lies in an external store.</summary>
    private sealed class ReferenceOptions
    {
        private readonly Option<string?> _credential = new("--credential") { Description = "The value lies in an external store, and is read through this credential." };
        private readonly Option<string?> _provider = new("--provider") { Description = "The same, through this provider's default credential." };
        private readonly Option<string?> _secret = new("--secret") { Description = "Its name there: NAME, NAME#key for a field of it, or NAME#/json/pointer." };
        private readonly Option<string?> _version = new("--secret-version") { Description = "Pins it to this version (default: the current one, at each kickoff)." };

        public Option[] All => [_credential, _provider, _secret, _version];

        /// <summary>Null where none is named.</summary>
        public ReferenceDescription? Of(ParseResult parsed)
        {
            var (credential, provider, secret) = (parsed.GetValue(_credential), parsed.GetValue(_provider), parsed.GetValue(_secret));
            return secret is not null && (credential is null) != (provider is null)
                ? new ReferenceDescription { Credential = credential, Provider = provider, Secret = secret, Version = parsed.GetValue(_version) }
                : All.All(option => parsed.GetResult(option) is null) ? null
                : throw new UsageException("A reference is --credential or --provider, and --secret.");
        }
    }
}
