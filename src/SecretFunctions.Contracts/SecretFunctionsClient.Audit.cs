using System.Text.Json;

namespace SecretFunctions.Contracts;

public sealed partial class SecretFunctionsClient
{
    private const string AuditEvents = "v1/audit-events";

    /// <summary>Events as the service wrote them, newest first.</summary>
    public IAsyncEnumerable<JsonElement> ListAuditEventsAsync(AuditEventQuery query, CancellationToken cancellationToken) =>
        ListAsync(Path(AuditEvents, query), Json.PageJsonElement, cancellationToken);

    /// <summary>All that fit, a JSON object to a line, newest first, byte by byte as they were written.</summary>
    public async Task ExportAuditEventsAsync(AuditEventQuery query, Stream output, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path($"{AuditEvents}/export", query));
        using var response = await SendAsync(request, cancellationToken);
        try
        {
            await response.Content.CopyToAsync(output, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new SecretFunctionsException(0, SecretFunctionsException.Unreachable, $"The answer of {_http.BaseAddress} was cut off.", exception);
        }
    }

    /// <summary>Reads the whole log, and may take its time.</summary>
    /// <param name="log"><c>deployment</c> for the deployment's own; null for the organization's.</param>
    public Task<AuditVerification> VerifyAuditEventsAsync(string? log, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, Query($"{AuditEvents}/verify", ("log", log)), Json.AuditVerification, cancellationToken);

    /// <summary>Uses of a variable, newest first.</summary>
    public IAsyncEnumerable<VariableUsage> ListVariableUsageAsync(string environment, string key, string? scope, CancellationToken cancellationToken) =>
        ListAsync(Query($"v1/variables/{Escape(environment)}/{Escape(key)}/usage", ("scope", scope)), Json.PageVariableUsage, cancellationToken);

    private static string Path(string path, AuditEventQuery query) => Query(
        path,
        ("actor", query.Actor),
        ("action", query.Action),
        ("outcome", query.Outcome),
        ("kickoff", query.Kickoff),
        ("target", query.Target),
        ("from", query.From),
        ("to", query.To),
        ("log", query.Log));
}
