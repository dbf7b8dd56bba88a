using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>workload-identity test</c>: a line for each check, and what to do about those that failed.</summary>
internal static class WorkloadIdentityTestCommand
{
    private static readonly string[] Shown = ["iss", "aud", "sub"];

    public static Command Create(CliSession session)
    {
        var name = CommonOptions.Name("configuration");
        var automation = new Option<string?>("--automation") { Description = "As this automation." };
        var project = new Option<string?>("--project") { Description = "As this project, where tokens name no automation." };
        var environment = CommonOptions.Environment();
        var credential = new Option<string?>("--credential") { Description = "Through this credential (default: the first that refers to the configuration)." };
        var secret = new Option<string?>("--secret") { Description = "Read this one too, as a reference would name it. Its value is shown nowhere." };
        return session.Does(
            new Command("test", "Make a token, exchange it, and say where it does not fit. Exit code 1 where it does not.") { name, automation, project, environment, credential, secret },
            async (parsed, client, printer, cancellationToken) =>
            {
                var request = new WorkloadIdentityTestRequest
                {
                    Automation = parsed.GetValue(automation),
                    Project = parsed.GetValue(project),
                    Environment = parsed.GetValue(environment),
                    Credential = parsed.GetValue(credential),
                    Secret = parsed.GetValue(secret),
                };
                var report = await client.TestWorkloadIdentityConfigAsync(parsed.GetRequiredValue(name), request, cancellationToken);
                if (printer.Json)
                {
                    printer.One(report, Printer.Types.WorkloadIdentityTestResponse);
                }
                else
                {
                    Write(Console.Out, report);
                }

                return report.Ok ? ExitCode.Success : ExitCode.Failure;
            });
    }

    private static void Write(TextWriter writer, WorkloadIdentityTestResponse report)
    {
        var width = CheckText.Write(
            writer, [.. report.Checks.Select(static check => new CredentialTestCheck(check.Name, check.Ok, check.Code, check.ProviderCode, check.Detail, check.Hint))]);
        foreach (var claim in Shown)
        {
            if (report.Token?.Claims.TryGetValue(claim, out var value) == true)
            {
                writer.WriteLine($"token   {claim.PadRight(width)}  {Table.Printable(value.ToString())}");
            }
        }
    }
}
