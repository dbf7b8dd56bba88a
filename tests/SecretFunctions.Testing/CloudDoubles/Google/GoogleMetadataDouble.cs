using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Google;

/// <summary>The metadata server of a machine at Google, with a service account attached.</summary>
public sealed class GoogleMetadataDouble(GoogleAccounts accounts, string email) : CloudDouble(https: false)
{
    private const string Flavor = "Metadata-Flavor";
    private const string Account = "/computeMetadata/v1/instance/service-accounts/default/";

    protected override async Task HandleAsync(HttpContext context)
    {
        Record($"{context.Request.Method} {context.Request.Path}");
        context.Response.Headers[Flavor] = "Google";
        if (context.Request.Headers[Flavor] != "Google")
        {
            context.Response.StatusCode = 403;
        }
        else if (context.Request.Path == $"{Account}token" && accounts.Exists(email))
        {
            await context.AnswerAsync(200, new JsonObject { ["access_token"] = accounts.Issue(email).Token, ["expires_in"] = 3599, ["token_type"] = "Bearer" });
        }
        else
        {
            // Asked whether it is one, it says so by the header alone.
            context.Response.StatusCode = context.Request.Path == "/" ? 200 : 404;
        }
    }
}
