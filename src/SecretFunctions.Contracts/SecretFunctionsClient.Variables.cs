using System.Net.Http.Headers;
using System.Text.Json;

namespace SecretFunctions.Contracts;

/// <summary>Which variable. <paramref name="Scope"/> null is the organization's.</summary>
public readonly record struct VariableName(string Environment, string Key, string? Scope);

/// <content>Variables and their values.</content>
public sealed partial class SecretFunctionsClient
{
    /// <summary>Null leaves a filter out.</summary>
    public IAsyncEnumerable<VariableResource> ListVariablesAsync(string? environment, string? scope, string? tag, CancellationToken cancellationToken) =>
        ListAsync(Query("v1/variables", ("environment", environment), ("scope", scope), ("tag", tag)), Json.PageVariableResource, cancellationToken);

    public Task<VariableResource> GetVariableAsync(VariableName variable, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, PathOf(variable), Json.VariableResource, cancellationToken);

    /// <summary>Creates or replaces it; words and tags the request does not name are gone.</summary>
    public Task<VariableResource> PutVariableAsync(VariableName variable, VariableRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, PathOf(variable), request, Json.VariableRequest, Json.VariableResource, cancellationToken);

    /// <summary>Changes what the request names and keeps the rest. A reference is one thing: what it leaves out is gone.</summary>
    /// <param name="removeAccess">Takes the access list off; the request then names none.</param>
    public Task<VariableResource> PatchVariableAsync(VariableName variable, VariableRequest request, bool removeAccess, CancellationToken cancellationToken) => SendAsync(
        new HttpRequestMessage(HttpMethod.Patch, PathOf(variable)) { Content = PatchOf(request, removeAccess) }, Json.VariableResource, cancellationToken);

    public Task DeleteVariableAsync(VariableName variable, CancellationToken cancellationToken) => DeleteAsync(PathOf(variable), cancellationToken);

    /// <summary>The plain value, which the caller disposes.</summary>
    public Task<RevealResponse> RevealVariableAsync(VariableName variable, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, PathOf(variable, "/reveal"), Json.RevealResponse, cancellationToken);

    public IAsyncEnumerable<VariableVersion> ListVariableVersionsAsync(VariableName variable, CancellationToken cancellationToken) =>
        ListAsync(PathOf(variable, "/versions"), Json.PageVariableVersion, cancellationToken);

    public Task<VariableResource> RestoreVariableVersionAsync(VariableName variable, int version, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, PathOf(variable, $"/versions/{version}/restore"), Json.VariableResource, cancellationToken);

    /// <summary>All of a dotenv document, or nothing of it.</summary>
    /// <param name="dotenv">UTF-8.</param>
    /// <param name="dryRun">Says what an import would do.</param>
    public Task<ImportResponse> ImportVariablesAsync(string environment, string? scope, byte[] dotenv, bool dryRun, CancellationToken cancellationToken)
    {
        var path = Query($"v1/variables/{Escape(environment)}/import", ("scope", scope), ("dryRun", dryRun ? "true" : null));
        var content = new ByteArrayContent(dotenv);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain") { CharSet = "utf-8" };
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, Json.ImportResponse, cancellationToken);
    }

    /// <summary>The key to seal values for.</summary>
    public Task<SealingKeyResource> GetSealingKeyAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/sealing-key", Json.SealingKeyResource, cancellationToken);

    /// <summary>The values, sealed to the key that the request names.</summary>
    public Task<SealedResolveResponse> ResolveSealedAsync(ResolveRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/resolve", request, Json.ResolveRequest, Json.SealedResolveResponse, cancellationToken);

    /// <summary>The values, which the caller disposes; of a request that seals them to nobody.</summary>
    public Task<ResolveResponse> ResolveAsync(ResolveRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/resolve", request, Json.ResolveRequest, Json.ResolveResponse, cancellationToken);

    /// <summary>The filled-in templates, which the caller disposes.</summary>
    public Task<RenderResponse> RenderAsync(RenderRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/render", request, Json.RenderRequest, Json.RenderResponse, cancellationToken);

    /// <summary>With the nulls that remove something, which a request's own do not say.</summary>
    private static ByteArrayContent PatchOf(VariableRequest request, bool removeAccess)
    {
        using var named = JsonSerializer.SerializeToDocument(request with { Reference = null }, Json.VariableRequest);
        using var patch = new MemoryStream();
        using (var writer = new Utf8JsonWriter(patch))
        {
            writer.WriteStartObject();
            foreach (var member in named.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            if (request.Reference is { } reference)
            {
                writer.WritePropertyName("reference");
                JsonSerializer.Serialize(writer, reference, ContractsJson.Default.ReferenceDescription);
            }

            if (removeAccess)
            {
                writer.WriteNull("access");
            }

            writer.WriteEndObject();
        }

        return JsonContent(patch.ToArray());
    }

    private static string PathOf(VariableName variable, string suffix = "") =>
        Query($"v1/variables/{Escape(variable.Environment)}/{Escape(variable.Key)}{suffix}", ("scope", variable.Scope));
}
