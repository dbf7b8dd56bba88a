using System.Collections.Frozen;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>
/// Entra ID's reasons for refusing a token, by their AADSTS number. Microsoft asks programs to act on <c>error</c> and reserves the
/// numbers for people: here they choose a code and a hint, and an unknown one still is an authentication failure.
/// </summary>
internal static class EntraFailures
{
    private const string WrongTenant = "Check tenantId: the directory (tenant) id on the app registration's overview page, in the same cloud as the vault.";
    private const string WrongClient = "Check clientId (the application id, not the object id) and that the application is registered, with a service principal, in this tenant.";
    private const string Retry = "Entra ID is busy or disturbed; nothing needs to be changed.";
    private const string Federation = "Compare issuer, subject and audience with the federated credential on the app registration: they are matched exactly, with case and trailing slash.";

    private const string Propagation = " A federated credential that was made or changed within the last minutes may not have arrived everywhere yet.";

    /// <summary>What is answered by the parts of Entra ID that a new federated credential has not reached yet.</summary>
    public static readonly string[] Propagating = ["AADSTS70021", "AADSTS70025", "AADSTS700211", "AADSTS700212", "AADSTS700213"];

    private static readonly FrozenDictionary<long, Row> Rows = new Dictionary<long, Row>
    {
        [90002] = new(ProviderFailure.AuthenticationFailed, "Entra ID has no such tenant.", WrongTenant),
        [90038] = new(ProviderFailure.AuthenticationFailed, "The tenant belongs to another national cloud.", WrongTenant),
        [900432] = new(ProviderFailure.AuthenticationFailed, "The tenant and the vault are in different national clouds.", WrongTenant),
        [700016] = new(ProviderFailure.AuthenticationFailed, "The application is unknown in this tenant.", WrongClient),
        [700011] = new(ProviderFailure.AuthenticationFailed, "The application is unknown in this tenant.", WrongClient),
        [70001] = new(ProviderFailure.AuthenticationFailed, "The application is disabled.", "Enable the enterprise application (service principal) in this tenant."),
        [7000112] = new(ProviderFailure.AuthenticationFailed, "The application is disabled.", "Enable the enterprise application (service principal) in this tenant."),
        [7000215] = new(
            ProviderFailure.AuthenticationFailed,
            "The client secret is wrong.",
            "Often the secret's id was pasted instead of its value. The value is shown once, when it is created: create a new client secret and paste that."),
        [7000222] = new(
            ProviderFailure.AuthenticationFailed,
            "The client secret has expired.",
            "Create a new client secret on the app registration and write it to this credential."),
        [500011] = new(ProviderFailure.AuthenticationFailed, "Key Vault is unknown in this tenant.", WrongTenant),
        [650057] = new(ProviderFailure.AuthenticationFailed, "The application may not ask for Key Vault tokens.", WrongTenant),
        [53003] = new(ProviderFailure.AuthenticationFailed, "A Conditional Access policy blocks this application.", "Except the application's workload identity, or this service's addresses, from the policy."),
        [70025] = new(
            ProviderFailure.TrustRejected,
            "The application has no federated credential.",
            "Add one for the token's issuer, subject and audience: az ad app federated-credential create. It takes some minutes until all of Entra ID knows it. " + Federation),
        [70021] = new(ProviderFailure.TrustRejected, "No federated credential matches the token.", Federation + Propagation),
        [700211] = new(ProviderFailure.TrustRejected, "No federated credential has the token's issuer.", "Compare the issuer: a slash at its end counts. " + Federation + Propagation),
        [700212] = new(
            ProviderFailure.TrustRejected,
            "No federated credential has the token's audience.",
            "The audience is api://AzureADTokenExchange, unless both the credential and the configuration say another. " + Federation),
        [700213] = new(
            ProviderFailure.TrustRejected,
            "No federated credential has the token's subject.",
            "Compare the subject, and subjectScope of the configuration: one federated credential is needed for each subject. " + Federation + Propagation),
        [7002138] = new(ProviderFailure.TrustRejected, "The token's subject differs from the federated credential's in case alone.", Federation),
        [700024] = new(ProviderFailure.TrustRejected, "The token is outside its lifetime.", "Check this service's clock and the lifetime of its tokens."),
        [700027] = new(ProviderFailure.TrustRejected, "The token's signature could not be verified.", "The issuer's discovery document and keys must be reachable from the internet and hold the signing key."),
        [50027] = new(ProviderFailure.TrustRejected, "Entra ID takes the token for no valid one.", "It has to be signed with RS256. Something between this service and Entra ID may have changed it."),
        [90006] = new(ProviderFailure.Unreachable, "Entra ID failed for a moment.", Retry),
        [90012] = new(ProviderFailure.Unreachable, "Entra ID timed out.", Retry),
        [90024] = new(ProviderFailure.Unreachable, "Entra ID failed for a moment.", Retry),
        [90033] = new(ProviderFailure.Unreachable, "Entra ID failed for a moment.", Retry),
        [50196] = new(ProviderFailure.Throttled, "Entra ID saw too many of the same request.", Retry),
    }.ToFrozenDictionary();

    private static readonly Row Other = new(
        ProviderFailure.AuthenticationFailed,
        "Entra ID refused this credential.",
        "Look the code up at https://login.microsoftonline.com/error, and compare tenantId, clientId and the client secret or federated credential with the app registration.");

    public static readonly Failure Foreign = ProviderFailure.Create(
        ProviderFailure.InvalidRequest,
        "The answer is not one that Entra ID gives.",
        "Something else answers at this address: check the endpoint override and any proxy in between.");

    public static Failure From(StoreAnswer answer)
    {
        var number = Number(answer, out var row);
        row ??= answer.Status switch
        {
            < 400 => null,
            429 => new Row(ProviderFailure.Throttled, "Entra ID is throttling this application.", Retry),
            >= 500 or 408 => new Row(ProviderFailure.Unreachable, "Entra ID failed.", Retry),
            _ => Other,
        };
        if (row is null)
        {
            return Foreign;
        }

        var code = number is { } aadsts ? $"AADSTS{aadsts}" : null;
        return ProviderFailure.Create(row.Code, row.Detail, row.Hint, code) with { RetryAfter = answer.RetryAfter };
    }

    /// <summary>The first number there is a row for, else the first there is. The body names several where one follows from another.</summary>
    private static long? Number(StoreAnswer answer, out Row? row)
    {
        using var document = answer.TryParse();
        row = null;
        long? first = null;
        foreach (var number in document?.RootElement.At("error_codes").AsItems().Select(code => code.AsInteger()).OfType<long>() ?? [])
        {
            first ??= number;
            if (Rows.TryGetValue(number, out row))
            {
                return number;
            }
        }

        return first;
    }

    private sealed record Row(string Code, string Detail, string Hint);
}
