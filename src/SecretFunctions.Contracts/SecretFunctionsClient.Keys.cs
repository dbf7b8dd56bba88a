namespace SecretFunctions.Contracts;

/// <content>The service's own keys.</content>
public sealed partial class SecretFunctionsClient
{
    public Task<KeysResponse> ListKeysAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/keys", Json.KeysResponse, cancellationToken);

    /// <summary>Begins to move what lies under keys of this kind to a new one.</summary>
    public Task<KeyKindResource> RotateKeyAsync(string kind, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"v1/keys/{Escape(kind)}/rotate", Json.KeyKindResource, cancellationToken);

    /// <summary>At once: tokens that it signed are refused where the published keys are read again.</summary>
    public Task RevokeSigningKeyAsync(string id, CancellationToken cancellationToken) => DeleteAsync($"v1/keys/signing/{Escape(id)}", cancellationToken);
}
