using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>trusted-issuer set|list|get|delete|lend|take-back</c>.</summary>
internal static class TrustedIssuerCommands
{
    private static readonly Column<TrustedIssuerResource>[] Columns =
    [
        new("NAME", static issuer => issuer.Name),
        new("PRINCIPAL", static issuer => $"{issuer.Principal.Type}:{issuer.Principal.Name}"),
        new("ISSUER", static issuer => issuer.Issuer),
        new("AUDIENCE", static issuer => issuer.Audience),
        new("CONDITIONS", static issuer => string.Join(", ", issuer.Conditions.Select(static condition => $"{condition.Key}={string.Join('|', condition.Value.Values)}"))),
        new("UPDATED", static issuer => $"{issuer.UpdatedAt:u}"),
        new("PERSONAL OF", static issuer => issuer.PersonalOf),
    ];

    public static Command Create(CliSession session) => new("trusted-issuer", "Whose tokens are let in, without an API key.")
    {
        Set(session), List(session), Get(session), Delete(session), Lend(session), TakeBack(session),
    };

    private static Command Set(CliSession session)
    {
        var name = CommonOptions.Name("trusted issuer");
        var issuer = new Option<string>("--issuer") { Description = "The token's 'iss', to the letter: https://token.actions.githubusercontent.com.", Required = true };
        var audience = new Option<string>("--audience") { Description = "What the token's 'aud' is, or holds.", Required = true };
        var conditions = new Option<string[]>("--condition")
        {
            Description = "CLAIM=VALUE, where '*' in the value stands for any characters. Repeat it for more claims (all must hold), or for more values of one (any will do).",
            Required = true,
        };
        var principal = CommonOptions.Principal("member:E-MAIL or automation:NAME");
        var keys = new Option<string?>("--jwks-uri") { Description = "Where the issuer's keys are, if not where its discovery document says." };
        return session.Does(
            new Command("set", "Create it, or replace all of it.") { name, issuer, audience, conditions, principal, keys },
            async (parsed, client, printer, cancellationToken) => printer.One(
                await client.PutTrustedIssuerAsync(
                    parsed.GetRequiredValue(name),
                    new TrustedIssuerRequest
                    {
                        Issuer = parsed.GetRequiredValue(issuer),
                        Audience = parsed.GetRequiredValue(audience),
                        Conditions = ParseConditions(parsed.GetRequiredValue(conditions)),
                        Principal = parsed.GetRequiredValue(principal),
                        JwksUri = parsed.GetValue(keys),
                    },
                    cancellationToken),
                Printer.Types.TrustedIssuerResource,
                Columns));
    }

    private static Command List(CliSession session) => session.Does(
        new Command("list", "List them."),
        static (_, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListTrustedIssuersAsync(cancellationToken), null, Printer.Types.TrustedIssuerResource, Columns));

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("trusted issuer");
        return session.Does(new Command("get", "Show one.") { name }, async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetTrustedIssuerAsync(parsed.GetRequiredValue(name), cancellationToken), Printer.Types.TrustedIssuerResource, Columns));
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("trusted issuer");
        return session.Does(new Command("delete", "Let none of its tokens in any more.") { name }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.DeleteTrustedIssuerAsync(parsed.GetRequiredValue(name), cancellationToken);
            printer.Done($"Deleted trusted issuer {parsed.GetValue(name)}.");
        });
    }

    private static Command Lend(CliSession session)
    {
        var name = CommonOptions.Name("trusted issuer");
        return session.Does(new Command("lend", "Let its tokens open your personal variables, for automations of yours, until it is set anew.") { name }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.LendPersonalToTrustedIssuerAsync(parsed.GetRequiredValue(name), cancellationToken);
            printer.Done($"Tokens of trusted issuer {parsed.GetValue(name)} open your personal variables.");
        });
    }

    private static Command TakeBack(CliSession session)
    {
        var name = CommonOptions.Name("trusted issuer");
        return session.Does(new Command("take-back", "Let its tokens open your personal variables no longer.") { name }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.TakeBackPersonalFromTrustedIssuerAsync(parsed.GetRequiredValue(name), cancellationToken);
            printer.Done($"Tokens of trusted issuer {parsed.GetValue(name)} do not open your personal variables.");
        });
    }

    /// <summary>Values may hold an equals sign; names of claims do not.</summary>
    private static Dictionary<string, ClaimValues> ParseConditions(string[] texts) => texts
        .Select(static text => text.Split('=', 2) is [{ Length: > 0 } claim, { Length: > 0 } value]
            ? (Claim: claim, Value: value)
            : throw new UsageException("--condition must be CLAIM=VALUE."))
        .GroupBy(static condition => condition.Claim, static condition => condition.Value)
        .ToDictionary(static group => group.Key, static group => new ClaimValues([.. group]));
}
