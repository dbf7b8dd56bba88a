using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>
/// What gives a program in AWS its role's session: the agent beside a container (ECS, EKS Pod Identity), and the metadata service of an instance
/// (IMDSv2, which wants a session of its own first).
/// </summary>
public sealed class AwsMetadataDouble(AwsDoubleKey session) : CloudDouble(https: false)
{
    /// <summary>What a container's requests must carry.</summary>
    public const string ContainerToken = "canary-container-token-71ab";

    private const string Instance = "/latest/meta-data/iam/security-credentials";
    private const string InstanceToken = "canary-instance-token-90cd";
    private const string Role = "secretfunctions";

    public string ContainerAddress => $"{Address}v1/credentials";

    protected override async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Record($"{context.Request.Method} {path}");
        switch (context.Request.Method, path)
        {
            case ("GET", "/v1/credentials") when context.Request.Headers.Authorization == ContainerToken:
            case ("GET", $"{Instance}/{Role}") when HasSession(context):
                await context.AnswerAsync(200, Describe());
                break;
            case ("GET", "/v1/credentials"):
                context.Response.StatusCode = 401;
                break;
            case ("PUT", "/latest/api/token") when context.Request.Headers.ContainsKey("X-aws-ec2-metadata-token-ttl-seconds"):
                await context.Response.WriteAsync(InstanceToken);
                break;
            case ("GET", Instance or $"{Instance}/") when HasSession(context):
                await context.Response.WriteAsync(Role);
                break;
            default:
                context.Response.StatusCode = path.StartsWith(Instance, StringComparison.Ordinal) ? 401 : 404;
                break;
        }
    }

    private static bool HasSession(HttpContext context) => context.Request.Headers["X-aws-ec2-metadata-token"] == InstanceToken;

    private JsonObject Describe() => new()
    {
        ["Code"] = "Success",
        ["LastUpdated"] = "2026-01-15T12:00:00Z",
        ["Type"] = "AWS-HMAC",
        ["AccessKeyId"] = session.AccessKeyId,
        ["SecretAccessKey"] = session.SecretAccessKey,
        ["Token"] = session.SessionToken,
        ["Expiration"] = session.ExpiresAt!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };
}
