using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Azure;

/// <summary>
/// What gives a program in Azure tokens of its managed identity: App Service's endpoint beside it (IDENTITY_ENDPOINT), and the metadata service of
/// a virtual machine.
/// </summary>
public sealed class ManagedIdentityDouble(EntraDouble entra, string clientId) : CloudDouble(https: false)
{
    /// <summary>IDENTITY_HEADER.</summary>
    public const string Header = "canary-identity-header-3e1f";

    public string AppServiceAddress => $"{Address}msi/token";

    protected override async Task HandleAsync(HttpContext context)
    {
        var (request, query) = (context.Request, context.Request.Query);
        Record($"{request.Method} {request.Path} {query["resource"]}");
        var (version, allowed) = request.Path.Value switch
        {
            "/msi/token" => ("2019-08-01", request.Headers["X-IDENTITY-HEADER"] == Header),
            "/metadata/identity/oauth2/token" => ("2018-02-01", request.Headers["Metadata"] == "true"),
            _ => (null, false),
        };
        if (version is null)
        {
            context.Response.StatusCode = 404;
        }
        else if (!allowed || query["api-version"] != version || query["resource"].ToString().Length == 0)
        {
            await context.AnswerAsync(400, new JsonObject { ["error"] = "invalid_request", ["error_description"] = "Required metadata header not specified" });
        }
        else
        {
            var (token, expires) = entra.Issue(clientId, query["resource"].ToString());
            await context.AnswerAsync(200, new JsonObject
            {
                ["access_token"] = token,
                ["client_id"] = clientId,
                ["expires_on"] = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                ["resource"] = query["resource"].ToString(),
                ["token_type"] = "Bearer",
            });
        }
    }
}
