using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Api.Oidc;

/// <summary>What clouds fetch to trust our tokens. From configuration and memory alone; never from anything in the request.</summary>
internal static class DiscoveryEndpoints
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const string Jwks = "/.well-known/jwks.json";

    public static void MapDiscovery(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Discovery, GetConfiguration).WithName("openidConfiguration").AllowsAnyone();
        routes.MapMethods(Discovery, [HttpMethods.Head], GetConfiguration).ExcludeFromDescription().AllowsAnyone();
        routes.MapGet(Jwks, GetKeysAsync).WithName("jwks").AllowsAnyone();
        routes.MapMethods(Jwks, [HttpMethods.Head], GetKeysAsync).ExcludeFromDescription().AllowsAnyone();
    }

    internal static PublicDocument<DiscoveryDocument> GetConfiguration(IssuerAddress address) => address.Value is { } issuer
        ? new DiscoveryDocument(issuer, issuer + Jwks, ["id_token"], ["public"], ["RS256"], TokenIssuer.ClaimNames)
        : IssuerAddress.NotConfigured;

    internal static async Task<PublicDocument<JsonWebKeySet>> GetKeysAsync(IssuerAddress address, IssuerKeys keys, CancellationToken cancellationToken)
    {
        if (address.Value is null)
        {
            return IssuerAddress.NotConfigured;
        }

        return (await keys.GetPublishedAsync(cancellationToken)).TryGet(out var published, out var failure)
            ? new JsonWebKeySet([.. published.Select(static key => new JsonWebKey("RSA", "sig", "RS256", key.KeyId, key.N, key.E))])
            : failure;
    }
}
