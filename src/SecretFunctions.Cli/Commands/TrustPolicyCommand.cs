using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>workload-identity trust-policy</c>: one document on standard output, and what is to be said of it on standard error.</summary>
internal static class TrustPolicyCommand
{
    public static Command Create(CliSession session)
    {
        var name = CommonOptions.Name("configuration");
        var automation = new Option<string?>("--automation") { Description = "Of this automation alone (default: of everybody the configuration serves)." };
        var project = new Option<string?>("--project") { Description = "Of this project alone." };
        var environment = new Option<string?>("--environment", "-e") { Description = "Of this environment alone (default: of all that the configuration serves)." };
        var format = new Option<string?>("--format") { Description = "json, cli, terraform, bicep or yaml (default: what the cloud's first document is in)." };
        var document = new Option<string?>("--document") { Description = "By name, where there are several in one format." };
        format.AcceptOnlyFromAmong("json", "cli", "terraform", "bicep", "yaml");
        return session.Does(
            new Command("trust-policy", "Print what to paste into the cloud. --output json prints all documents.") { name, automation, project, environment, format, document },
            async (parsed, client, printer, cancellationToken) =>
            {
                var policy = await client.GetTrustPolicyAsync(
                    parsed.GetRequiredValue(name), parsed.GetValue(automation), parsed.GetValue(project), parsed.GetValue(environment), cancellationToken);
                if (printer.Json)
                {
                    printer.One(policy, Printer.Types.TrustPolicyResponse);
                    return;
                }

                var chosen = Choose(policy, parsed.GetValue(format), parsed.GetValue(document));
                foreach (var warning in policy.Warnings)
                {
                    await Console.Error.WriteLineAsync($"warning: {warning.Code}: {warning.Detail} {warning.Hint}");
                }

                await Console.Out.WriteAsync(chosen.Content);
            });
    }

    private static TrustPolicyDocument Choose(TrustPolicyResponse policy, string? format, string? name) =>
        policy.Documents.FirstOrDefault(document => (format is null || document.Format == format) && (name is null || document.Name == name))
        ?? throw new UsageException($"There is no such document; there are {string.Join(", ", policy.Documents.Select(static document => $"'{document.Name}' ({document.Format})"))}.");
}
