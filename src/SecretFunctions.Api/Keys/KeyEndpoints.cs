using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Api.Keys;

/// <summary><c>/v1/keys</c>: the service's own keys. Those of the deployment are the operator's to change, an organization's are its own.</summary>
internal static class KeyEndpoints
{
    private const string Signing = "signing";
    private const string Sealing = "sealing";

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/keys", ListAsync).WithName("listKeys").RequiresView(Whereabouts.Organization, Feature.Keys);
        routes.MapPost("/v1/keys/{kind}/rotate", RotateAsync).WithName("rotateKey").RequiresManage(Whereabouts.Organization, Feature.Keys).IsCostly();
        routes.MapDelete("/v1/keys/signing/{id}", RevokeAsync).WithName("revokeSigningKey").RequiresOperator();
    }

    internal static async Task<Answer<KeysResponse>> ListAsync(
        HttpContext context, SigningKeyDirectory signingKeys, SealingKeys sealingKeys, TimeProvider time, CancellationToken cancellationToken) =>
        Answer<KeysResponse>.Ok(new KeysResponse(
        [
            ToResource(await signingKeys.ReportAsync(cancellationToken), time.GetUtcNow()),
            ToResource(await sealingKeys.ReportAsync(context.OrganizationId(), cancellationToken), time.GetUtcNow()),
        ]));

    internal static async Task<Answer<KeyKindResource>> RotateAsync(
        string kind, HttpContext context, SigningKeyDirectory signingKeys, SealingKeys sealingKeys, TimeProvider time, CancellationToken cancellationToken) => kind switch
        {
            Signing => await RotateSigningAsync(context, signingKeys, time, cancellationToken),
            Sealing => await RotateSealingAsync(context, sealingKeys, time, cancellationToken),
            _ => Failure.NotFound("key.kind_unknown", $"There are no keys of this kind that can be rotated here; there are {Signing} and {Sealing}."),
        };

    private static async Task<Answer<KeyKindResource>> RotateSealingAsync(
        HttpContext context, SealingKeys sealingKeys, TimeProvider time, CancellationToken cancellationToken) =>
        await sealingKeys.RotateAsync(context.Session(), cancellationToken) is { } failure
            ? failure
            : Answer<KeyKindResource>.Ok(ToResource(await sealingKeys.ReportAsync(context.OrganizationId(), cancellationToken), time.GetUtcNow()));

    private static async Task<Answer<KeyKindResource>> RotateSigningAsync(
        HttpContext context, SigningKeyDirectory signingKeys, TimeProvider time, CancellationToken cancellationToken)
    {
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

    private static KeyKindResource ToResource(IReadOnlyList<SealingKeyStatus> keys, DateTimeOffset now) => new(
        Sealing,
        "organization",
        null,
        [
            .. keys.Select(key => new KeyResource(
                key.KeyId,
                key.RetiresAt is null ? "active" : now < key.AcceptedUntil ? "retired" : "kept",
                CompactJwe.Algorithm,
                key.Bits,
                "organization-key",
                key.CreatedAt,
                (long)(now - key.CreatedAt).TotalSeconds,
                key.CreatedAt,
                key.RetiresAt,
                key.AcceptedUntil)),
        ]);

    private static string StateName(SigningKeyState state) => state switch
    {
        SigningKeyState.Next => "next",
        SigningKeyState.Active => "active",
        SigningKeyState.Retired => "retired",
        _ => "removed",
    };
}
