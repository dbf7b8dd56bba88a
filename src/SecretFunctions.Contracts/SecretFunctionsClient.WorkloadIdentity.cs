namespace SecretFunctions.Contracts;

/// <content>Workload identity configurations, and tokens.</content>
public sealed partial class SecretFunctionsClient
{
    public IAsyncEnumerable<WorkloadIdentityConfigResource> ListWorkloadIdentityConfigsAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/workload-identity-configs", Json.PageWorkloadIdentityConfigResource, cancellationToken);

    public Task<WorkloadIdentityConfigResource> GetWorkloadIdentityConfigAsync(string config, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/workload-identity-configs/{Escape(config)}", Json.WorkloadIdentityConfigResource, cancellationToken);

    public Task<WorkloadIdentityConfigResource> PutWorkloadIdentityConfigAsync(
        string config, WorkloadIdentityConfigRequest request, CancellationToken cancellationToken) => SendAsync(
            HttpMethod.Put,
            $"v1/workload-identity-configs/{Escape(config)}",
            request,
            Json.WorkloadIdentityConfigRequest,
            Json.WorkloadIdentityConfigResource,
            cancellationToken);

    /// <summary>Changes what the request names and keeps the rest.</summary>
    public Task<WorkloadIdentityConfigResource> PatchWorkloadIdentityConfigAsync(
        string config, WorkloadIdentityConfigRequest request, CancellationToken cancellationToken) => SendAsync(
            HttpMethod.Patch,
            $"v1/workload-identity-configs/{Escape(config)}",
            request,
            Json.WorkloadIdentityConfigRequest,
            Json.WorkloadIdentityConfigResource,
            cancellationToken);

    /// <param name="force">Also while credentials refer to it.</param>
    public Task DeleteWorkloadIdentityConfigAsync(string config, bool force, CancellationToken cancellationToken) =>
        DeleteAsync(Query($"v1/workload-identity-configs/{Escape(config)}", ("force", force ? "true" : null)), cancellationToken);

    /// <summary>What to paste into the cloud. A part of whom it is for that is null does not restrict.</summary>
    public Task<TrustPolicyResponse> GetTrustPolicyAsync(
        string config, string? automation, string? project, string? environment, CancellationToken cancellationToken) => SendAsync(
            HttpMethod.Get,
            Query($"v1/workload-identity-configs/{Escape(config)}/trust-policy", ("automation", automation), ("project", project), ("environment", environment)),
            Json.TrustPolicyResponse,
            cancellationToken);

    /// <summary>Makes a token, exchanges it and says where it does not fit. Takes up to a minute.</summary>
    public Task<WorkloadIdentityTestResponse> TestWorkloadIdentityConfigAsync(
        string config, WorkloadIdentityTestRequest request, CancellationToken cancellationToken) => SendAsync(
            HttpMethod.Post,
            $"v1/workload-identity-configs/{Escape(config)}/test",
            request,
            Json.WorkloadIdentityTestRequest,
            Json.WorkloadIdentityTestResponse,
            cancellationToken);

    /// <summary>A token about the calling automation. Dispose the answer's <see cref="TokenMintResponse.Token"/>.</summary>
    public Task<TokenMintResponse> MintTokenAsync(TokenMintRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/tokens", request, Json.TokenMintRequest, Json.TokenMintResponse, cancellationToken);
}
