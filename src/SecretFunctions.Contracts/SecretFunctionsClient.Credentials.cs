namespace SecretFunctions.Contracts;

/// <summary>As whom a credential is looked through, where it tells automations or projects apart. Null parts are left out.</summary>
public readonly record struct CredentialSubject(string? Automation, string? Project, string? Environment);

/// <content>Provider credentials, and what is cached of what was read through them.</content>
public sealed partial class SecretFunctionsClient
{
    /// <param name="provider">Only of this provider; null for all.</param>
    public IAsyncEnumerable<CredentialResource> ListCredentialsAsync(string? provider, CancellationToken cancellationToken) =>
        ListAsync(Query("v1/provider-credentials", ("provider", provider)), Json.PageCredentialResource, cancellationToken);

    public Task<CredentialResource> GetCredentialAsync(string credential, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, PathOfCredential(credential), Json.CredentialResource, cancellationToken);

    public Task<CredentialResource> PutCredentialAsync(string credential, CredentialRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, PathOfCredential(credential), request, Json.CredentialRequest, Json.CredentialResource, cancellationToken);

    /// <summary>Changes what the request names and keeps the rest, fields of <see cref="CredentialRequest.Auth"/> included.</summary>
    public Task<CredentialResource> PatchCredentialAsync(string credential, CredentialRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, PathOfCredential(credential), request, Json.CredentialRequest, Json.CredentialResource, cancellationToken);

    /// <param name="force">Also while variables refer to it.</param>
    public Task DeleteCredentialAsync(string credential, bool force, CancellationToken cancellationToken) =>
        DeleteAsync(Query(PathOfCredential(credential), ("force", force ? "true" : null)), cancellationToken);

    /// <summary>Reaches the store and says where it does not work.</summary>
    public Task<CredentialTestResponse> TestCredentialAsync(
        string credential, CredentialSubject subject, CredentialTestRequest request, CancellationToken cancellationToken) => SendAsync(
            HttpMethod.Post, Query($"{PathOfCredential(credential)}/test", subject), request, Json.CredentialTestRequest, Json.CredentialTestResponse, cancellationToken);

    /// <summary>Names of secrets that can be referred to, as far as the store lists them.</summary>
    public Task<SecretNamesResponse> ListSecretNamesAsync(string credential, CredentialSubject subject, string? prefix, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, Query(Query($"{PathOfCredential(credential)}/secrets", subject), ("prefix", prefix)), Json.SecretNamesResponse, cancellationToken);

    /// <param name="credential">Only of this one; null for all.</param>
    public Task<CacheResponse> GetCacheAsync(string? credential, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, Query("v1/cache", ("credential", credential)), Json.CacheResponse, cancellationToken);

    /// <summary>Forgets what was read, everywhere within the consistency window.</summary>
    /// <param name="credential">Only through this one; null for all.</param>
    public Task<CacheClearedResponse> ClearCacheAsync(string? credential, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, Query("v1/cache", ("credential", credential)), Json.CacheClearedResponse, cancellationToken);

    private static string PathOfCredential(string credential) => $"v1/provider-credentials/{Escape(credential)}";

    private static string Query(string path, CredentialSubject subject) =>
        Query(path, ("automation", subject.Automation), ("project", subject.Project), ("environment", subject.Environment));
}
