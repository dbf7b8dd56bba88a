namespace SecretFunctions.Contracts;

/// <content>API keys.</content>
public sealed partial class SecretFunctionsClient
{
    public IAsyncEnumerable<ApiKeyResource> ListApiKeysAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/api-keys", Json.PageApiKeyResource, cancellationToken);

    /// <summary>Makes a key, whose text is in the answer this once.</summary>
    public Task<ApiKeyResource> CreateApiKeyAsync(ApiKeyRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/api-keys", request, Json.ApiKeyRequest, Json.ApiKeyResource, cancellationToken);

    /// <summary>Revokes it: refused everywhere within the consistency window.</summary>
    public Task DeleteApiKeyAsync(string id, CancellationToken cancellationToken) => DeleteAsync($"v1/api-keys/{Escape(id)}", cancellationToken);
}
