using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;

namespace SecretFunctions.Api.Access;

/// <summary><c>GET /v1/whoami</c>.</summary>
internal static class WhoamiEndpoint
{
    public static void MapWhoami(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/whoami", Handle).WithName("whoami").RequiresRecognition();

    internal static Answer<WhoamiResponse> Handle(HttpContext context)
    {
        var caller = context.Caller();
        return Answer<WhoamiResponse>.Ok(new WhoamiResponse(
            PrincipalForm.ToReference(caller.Principal),
            caller.OrganizationName,
            caller.Permissions.ToNames(),
            caller.Environments));
    }
}
