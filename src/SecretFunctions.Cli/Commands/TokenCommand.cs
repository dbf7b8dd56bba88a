using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>token</c>: alone, so that a script can take it.</summary>
internal static class TokenCommand
{
    public static Command Create(CliSession session)
    {
        var audience = new Option<string>("--audience") { Description = "For whom it is: https://api.example.org.", Required = true };
        var environment = CommonOptions.Environment();
        var config = new Option<string?>("--config") { Description = "Which workload identity configuration decides what it says, where several have this audience." };
        var kickoff = new KickoffOptions();
        var file = new Option<FileInfo?>("--out-file") { Description = "Where to write it, readable by you alone (default: standard output)." };
        var command = new Command("token", "Print a token about the calling automation, for a service that trusts this one's.");
        Array.ForEach<Option>([audience, environment, config, .. kickoff.All, file], command.Add);
        return session.Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            var request = new TokenMintRequest
            {
                Audience = parsed.GetRequiredValue(audience),
                Environment = parsed.GetValue(environment),
                Config = parsed.GetValue(config),
                Kickoff = kickoff.Of(parsed),
            };
            var made = await client.MintTokenAsync(request, cancellationToken);
            using var token = made.Token;
            if (parsed.GetValue(file) is null && printer.Json)
            {
                printer.One(made, Printer.Types.TokenMintResponse);
            }
            else
            {
                SecretOutput.Write(parsed.GetValue(file), token.Reveal());
            }
        });
    }
}
