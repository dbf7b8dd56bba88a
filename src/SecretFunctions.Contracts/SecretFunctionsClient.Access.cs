namespace SecretFunctions.Contracts;

/// <content>Members, roles, API keys and trusted issuers.</content>
public sealed partial class SecretFunctionsClient
{
    public IAsyncEnumerable<MemberResource> ListMembersAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/members", Json.PageMemberResource, cancellationToken);

    public Task<MemberResource> GetMemberAsync(string email, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/members/{Escape(email)}", Json.MemberResource, cancellationToken);

    public Task<MemberResource> PutMemberAsync(string email, MemberRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/members/{Escape(email)}", request, Json.MemberRequest, Json.MemberResource, cancellationToken);

    /// <summary>With everything that is theirs alone, and everything that lets somebody in as them.</summary>
    public Task DeleteMemberAsync(string email, CancellationToken cancellationToken) => DeleteAsync($"v1/members/{Escape(email)}", cancellationToken);

    public IAsyncEnumerable<RoleResource> ListRolesAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/roles", Json.PageRoleResource, cancellationToken);

    public Task<RoleResource> GetRoleAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/roles/{Escape(name)}", Json.RoleResource, cancellationToken);

    public Task<RoleResource> PutRoleAsync(string name, RoleRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/roles/{Escape(name)}", request, Json.RoleRequest, Json.RoleResource, cancellationToken);

    public Task DeleteRoleAsync(string name, CancellationToken cancellationToken) => DeleteAsync($"v1/roles/{Escape(name)}", cancellationToken);

    public IAsyncEnumerable<ApiKeyResource> ListApiKeysAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/api-keys", Json.PageApiKeyResource, cancellationToken);

    public Task<ApiKeyResource> GetApiKeyAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/api-keys/{Escape(id)}", Json.ApiKeyResource, cancellationToken);

    /// <summary>Makes a key, whose text is in the answer this once.</summary>
    public Task<ApiKeyResource> CreateApiKeyAsync(ApiKeyRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/api-keys", request, Json.ApiKeyRequest, Json.ApiKeyResource, cancellationToken);

    /// <summary>Revokes it: refused everywhere within the consistency window.</summary>
    public Task DeleteApiKeyAsync(string id, CancellationToken cancellationToken) => DeleteAsync($"v1/api-keys/{Escape(id)}", cancellationToken);

    /// <summary>From then on the key opens the calling member's personal variables. With a credential of their own.</summary>
    public Task LendPersonalToApiKeyAsync(string id, CancellationToken cancellationToken) => PutAsync($"v1/api-keys/{Escape(id)}/personal", cancellationToken);

    public Task TakeBackPersonalFromApiKeyAsync(string id, CancellationToken cancellationToken) => DeleteAsync($"v1/api-keys/{Escape(id)}/personal", cancellationToken);

    /// <summary>From then on its tokens open the calling member's personal variables, until it is written anew. With a credential of their own.</summary>
    public Task LendPersonalToTrustedIssuerAsync(string name, CancellationToken cancellationToken) => PutAsync($"v1/trusted-issuers/{Escape(name)}/personal", cancellationToken);

    public Task TakeBackPersonalFromTrustedIssuerAsync(string name, CancellationToken cancellationToken) => DeleteAsync($"v1/trusted-issuers/{Escape(name)}/personal", cancellationToken);

    public IAsyncEnumerable<TrustedIssuerResource> ListTrustedIssuersAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/trusted-issuers", Json.PageTrustedIssuerResource, cancellationToken);

    public Task<TrustedIssuerResource> GetTrustedIssuerAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/trusted-issuers/{Escape(name)}", Json.TrustedIssuerResource, cancellationToken);

    public Task<TrustedIssuerResource> PutTrustedIssuerAsync(string name, TrustedIssuerRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/trusted-issuers/{Escape(name)}", request, Json.TrustedIssuerRequest, Json.TrustedIssuerResource, cancellationToken);

    /// <summary>From then on none of its tokens opens anything: everywhere within the consistency window.</summary>
    public Task DeleteTrustedIssuerAsync(string name, CancellationToken cancellationToken) =>
        DeleteAsync($"v1/trusted-issuers/{Escape(name)}", cancellationToken);
}
