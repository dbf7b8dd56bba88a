using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Api.Variables;

/// <summary><c>GET /v1/sealing-key</c>: what a client needs to send values that this service stores unopened.</summary>
internal static class SealingKeyEndpoint
{
    public static void MapSealingKey(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/sealing-key", HandleAsync).WithName("getSealingKey").RequiresView(Whereabouts.Thing, Feature.EnvironmentVariables);

    /// <summary>A key never changes, so its id is its tag: who keeps one asks whether it is still the one to seal for.</summary>
    internal static async Task<Answer<SealingKeyResource>> HandleAsync(HttpContext context, SealingKeys keys, CancellationToken cancellationToken) =>
        (await keys.GetCurrentAsync(context.Session(), cancellationToken)).TryGet(out var key, out var failure)
            ? Answer<SealingKeyResource>.Ok(new("RSA", "enc", CompactJwe.Algorithm, CompactJwe.Encryption, key.KeyId, key.N, key.E), key.KeyId)
            : failure;
}
