using System.CommandLine;
using System.Text.Json;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>workload-identity list|get|set|delete|trust-policy|test</c>.</summary>
internal static class WorkloadIdentityCommands
{
    private static readonly Column<WorkloadIdentityConfigResource>[] Columns =
    [
        new("NAME", static config => config.Name),
        new("CLOUD", static config => config.Cloud),
        new("AUDIENCE", static config => config.Audience),
        new("SUBJECT", static config => config.SubjectScope),
        new("PROJECTS", static config => Table.Names(config.Projects)),
        new("AUTOMATIONS", static config => Table.Names(config.Automations)),
        new("ENVIRONMENTS", static config => Table.Names(config.Environments)),
        new("UPDATED", static config => $"{config.UpdatedAt:u}"),
    ];

    public static Command Create(CliSession session) => new("workload-identity", "How the service's own tokens are exchanged for access in a cloud.")
    {
        List(session), Get(session), Set(session), Delete(session), TrustPolicyCommand.Create(session), WorkloadIdentityTestCommand.Create(session),
    };

    private static Command List(CliSession session)
    {
        var limit = CommonOptions.Limit(null);
        return session.Does(new Command("list", "List configurations.") { limit }, (parsed, client, printer, cancellationToken) => printer.ManyAsync(
            client.ListWorkloadIdentityConfigsAsync(cancellationToken), parsed.GetValue(limit), Printer.Types.WorkloadIdentityConfigResource, Columns));
    }

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("configuration");
        return session.Does(new Command("get", "Show a configuration.") { name }, async (parsed, client, printer, cancellationToken) =>
            Show(await client.GetWorkloadIdentityConfigAsync(parsed.GetRequiredValue(name), cancellationToken), printer));
    }

    private static Command Set(CliSession session)
    {
        var name = CommonOptions.Name("configuration");
        var cloud = new Option<string?>("--cloud") { Description = "aws, google, azure, vault or conjur. A new one needs it." };
        var fields = new Option<string[]>("--field") { Description = "NAME=VALUE, one of the cloud's own fields: roleArn=… Repeat it for more." };
        var audience = new Option<string?>("--audience") { Description = "For whom tokens are (a new one's default: what the cloud expects)." };
        var subjectScope = new Option<string?>("--subject-scope") { Description = "How much tokens name: organization, project, environment or automation." };
        var scope = new ScopeOptions();
        var environments = new ScopeOptions.Limit("environment", "-e");
        var command = new Command("set", "Create or change a configuration.") { name, cloud, fields, audience, subjectScope };
        scope.AddTo(command);
        environments.AddTo(command);
        return session.Does(
            command,
            async (parsed, client, printer, cancellationToken) =>
            {
                var serves = scope.Of(parsed);
                var config = parsed.GetRequiredValue(name);
                var current = await Upsert.FindAsync(() => client.GetWorkloadIdentityConfigAsync(config, cancellationToken));
                var request = new WorkloadIdentityConfigRequest
                {
                    Cloud = parsed.GetValue(cloud) ?? current?.Cloud ?? throw new UsageException("A new configuration needs --cloud."),
                    Audience = parsed.GetValue(audience),
                    SubjectScope = parsed.GetValue(subjectScope),
                    Scope = serves.Scope,
                    Projects = serves.Projects,
                    Automations = serves.Automations,
                    Environments = environments.Of(parsed),
                    Fields = CommonOptions.ParseFields(parsed.GetValue(fields) ?? []),
                };
                Show(
                    current is null
                        ? await client.PutWorkloadIdentityConfigAsync(config, request, cancellationToken)
                        : await client.PatchWorkloadIdentityConfigAsync(config, request, cancellationToken),
                    printer);
            });
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("configuration");
        var force = new Option<bool>("--force") { Description = "Also while credentials refer to it; what is read through them then fails." };
        return session.Does(
            new Command("delete", "Delete a configuration.") { name, force },
            async (parsed, client, printer, cancellationToken) =>
            {
                await client.DeleteWorkloadIdentityConfigAsync(parsed.GetRequiredValue(name), parsed.GetValue(force), cancellationToken);
                printer.Done($"Deleted configuration {parsed.GetValue(name)}.");
            });
    }

    /// <summary>With the cloud's own fields.</summary>
    private static void Show(WorkloadIdentityConfigResource config, Printer printer) => printer.One(
        config,
        Printer.Types.WorkloadIdentityConfigResource,
        [.. Columns, .. (config.Fields ?? new Dictionary<string, JsonElement>()).Select(static field => new Column<WorkloadIdentityConfigResource>(field.Key, _ => field.Value.ToString()))]);
}
