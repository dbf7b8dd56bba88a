using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>
/// Secrets Manager and the Security Token Service of one account and region at one address. It checks signatures as AWS does
/// (the AWS command line is accepted, a wrong byte is not) and refuses with AWS's codes and statuses.
/// </summary>
public sealed class AwsDouble : CloudDouble
{
    private const int MaxBody = 64 * 1024;

    private readonly SigV4Verifier _verifier;
    private readonly AwsDoubleSts _sts;
    private readonly AwsDoubleWebIdentity _webIdentity;
    private readonly AwsDoubleSecretsManager _secretsManager;

    public AwsDouble(TimeProvider time, string region = "eu-west-1", bool https = true)
        : base(https)
    {
        Region = region;
        Identities = new AwsDoubleIdentities(time);
        Secrets = new AwsDoubleSecrets(time, region);
        _verifier = new SigV4Verifier(Identities, region, time);
        _sts = new AwsDoubleSts(Identities, Record);
        _webIdentity = new AwsDoubleWebIdentity(Identities, new FederatedTokens(time), Record);
        _secretsManager = new AwsDoubleSecretsManager(Secrets, Record);
    }

    public string Region { get; }

    public AwsDoubleIdentities Identities { get; }

    public AwsDoubleSecrets Secrets { get; }

    /// <summary>The next request is refused as one too many, on the status AWS has for it.</summary>
    public void ThrottleNext(TimeSpan? retryAfter = null, string code = "ThrottlingException") =>
        RefuseNext(code, "Rate exceeded", 400, retryAfter);

    /// <summary>The next request to Secrets Manager is refused like this.</summary>
    public void RefuseNext(string code, string message, int status = 400, TimeSpan? retryAfter = null) =>
        Faults.AnswerNext(status, AwsProtocol.Json.RenderError(code, message), AwsProtocol.Json.ContentType, retryAfter);

    /// <summary>The next request to the Security Token Service is refused like this.</summary>
    public void RefuseNextSts(string code, string message, int status) =>
        Faults.AnswerNext(status, AwsProtocol.Query.RenderError(code, message), AwsProtocol.Query.ContentType);

    protected override async Task HandleAsync(HttpContext context)
    {
        var target = context.Request.Headers["x-amz-target"].ToString();
        var protocol = target.Length > 0 ? AwsProtocol.Json : AwsProtocol.Query;
        context.Response.ContentType = protocol.ContentType;
        context.Response.Headers["x-amzn-RequestId"] = "7a1e7fd3-0000-4000-8000-4d3f1c1f5c11";
        try
        {
            var body = await ReadBodyAsync(context);
            if (context.Request.Method != HttpMethods.Post || context.Request.Path != "/")
            {
                throw new AwsDoubleException("UnknownOperationException", "Only POST / is served.", 404);
            }

            // A token exchange is not signed.
            if (protocol == AwsProtocol.Query && await _webIdentity.TryAnswerAsync(body) is { } exchanged)
            {
                await context.Response.WriteAsync(exchanged, context.RequestAborted);
                return;
            }

            var key = _verifier.Verify(context.Request, body, protocol);
            var answer = protocol == AwsProtocol.Json
                ? _secretsManager.Answer(target, context.Request.ContentType, body, key)
                : _sts.Answer(body, key);
            await context.Response.WriteAsync(answer, context.RequestAborted);
        }
        catch (AwsDoubleException refusal)
        {
            Record($"refused {refusal.Code}");
            context.Response.StatusCode = refusal.Status;
            await context.Response.WriteAsync(protocol.RenderError(refusal.Code, refusal.Message), context.RequestAborted);
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.Length <= MaxBody ? body.ToArray() : throw new AwsDoubleException("RequestEntityTooLargeException", "Too large.", 413);
    }
}
