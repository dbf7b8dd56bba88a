using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Api.Keys;

/// <summary><c>/v1/keys</c>: the service's own keys. Those of the deployment are the operator's to change.</summary>
internal static class KeyEndpoints
{
    private const string Signing = "signing";

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/keys", ListAsync).WithName("listKeys").RequiresView(Feature.Keys);
        routes.MapPost("/v1/keys/{kind}/rotate", RotateAsync).WithName("rotateKey").RequiresManage(Feature.Keys).IsCostly();
        routes.MapDelete("/v1/keys/signing/{id}", RevokeAsync).WithName("revokeSigningKey").RequiresOperator();
    }

    internal static async Task<Answer<KeysResponse>> ListAsync(SigningKeyDirectory signingKeys, TimeProvider time, CancellationToken cancellationToken) =>
        Answer<KeysResponse>.Ok(new KeysResponse([ToResource(await signingKeys.ReportAsync(cancellationToken), time.GetUtcNow())]));

    internal static async Task<Answer<KeyKindResource>> RotateAsync(
        string kind, HttpContext context, SigningKeyDirectory signingKeys, TimeProvider time, CancellationToken cancellationToken)
    {
        if (kind != Signing)
        {
            return Failure.NotFound("key.kind_unknown", $"There are no keys of this kind that can be rotated here; there are {Signing}.");
        }

        return (Authorizer.CheckOperator(context.Caller()) ?? await signingKeys.RotateAsync(context.Caller(), cancellationToken)) is { } failure
            ? failure
            : Answer<KeyKindResource>.Ok(ToResource(await signingKeys.ReportAsync(cancellationToken), time.GetUtcNow()));
    }

    internal static async Task<NothingToSay> RevokeAsync(string id, HttpContext context, SigningKeyDirectory signingKeys, CancellationToken cancellationToken) =>
        context.Precondition().TryGet(out var precondition, out var failure)
            ? NothingToSay.Unless(await signingKeys.RevokeAsync(context.Caller(), id, precondition, cancellationToken))
            : failure;

    private static KeyKindResource ToResource(SigningKeyReport report, DateTimeOffset now) => new(
        Signing,
        "deployment",
        report.NextRotationAt,
        [
            .. report.Keys.Select(key => new KeyResource(
                key.KeyId,
                StateName(key.State),
                "RS256",
                key.Bits,
                key.IsRemote ? "key-vault" : "root-key",
                key.PublishedAt,
                (long)(now - key.PublishedAt).TotalSeconds,
                key.ActivatesAt,
                key.RetiresAt,
                key.RemovedAt)),
        ]);

    private static string StateName(SigningKeyState state) => state switch
    {
        SigningKeyState.Next => "next",
        SigningKeyState.Active => "active",
        SigningKeyState.Retired => "retired",
        _ => "removed",
    };
}
