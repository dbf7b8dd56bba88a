using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Api.Keys;

/// <summary>One kind of the service's own keys.</summary>
/// <param name="Name">As it stands in the path.</param>
/// <param name="Scope">A deployment's keys are the operator's to change.</param>
internal sealed record KeyKind(
    string Name,
    string Scope,
    Func<Session, CancellationToken, Task<Result<KeyKindResource>>> ReportAsync,
    Func<Session, CancellationToken, Task<Failure?>> RotateAsync)
{
    /// <summary>Whether only the operator is shown it: it tells of other organizations.</summary>
    public bool IsForTheOperatorAlone { get; init; }

    public const string Deployment = "deployment";
    public const string Organization = "organization";
}

/// <summary>All kinds of keys, from the one that protects the most on.</summary>
internal sealed class KeyKinds
{
    private readonly SigningKeyDirectory _signing;
    private readonly RootKeyDirectory _root;
    private readonly OrganizationKeyDirectory _organization;
    private readonly SealingKeys _sealing;
    private readonly TimeProvider _time;

    public KeyKinds(RootKeyDirectory root, OrganizationKeyDirectory organization, SealingKeys sealing, SigningKeyDirectory signing, TimeProvider time)
    {
        (_root, _organization, _sealing, _signing, _time) = (root, organization, sealing, signing, time);
        All =
        [
            new("root", KeyKind.Deployment, ReportRootAsync, (session, token) => root.RotateAsync(session.Caller, token)) { IsForTheOperatorAlone = true },
            new("organization", KeyKind.Organization, ReportOrganizationAsync, (session, token) => organization.RotateAsync(session.Caller, token)),
            new("sealing", KeyKind.Organization, ReportSealingAsync, sealing.RotateAsync),
            new("signing", KeyKind.Deployment, ReportSigningAsync, (session, token) => signing.RotateAsync(session.Caller, token)),
        ];
    }

    public IReadOnlyList<KeyKind> All { get; }

    private async Task<Result<KeyKindResource>> ReportRootAsync(Session session, CancellationToken cancellationToken)
    {
        if (!(await _root.ReportAsync(cancellationToken)).TryGet(out var report, out var failure))
        {
            return failure;
        }

        var keys = report.Keys.Select(key => new KeyResource(
            key.Name.ToString(),
            StateName(key.State),
            key.Kind == "key-vault" ? "RSA-OAEP-256" : "A256GCM",
            key.Kind == "key-vault" ? null : 256,
            key.Kind ?? "missing",
            key.Since,
            key.Since is { } since ? AgeOf(since) : null,
            key.Since,
            null,
            null)
        {
            InUse = key.InUse,
        });
        return new KeyKindResource("root", KeyKind.Deployment, null, [.. keys]) { Rotation = ToResource(report.Rotation) };
    }

    private async Task<Result<KeyKindResource>> ReportOrganizationAsync(Session session, CancellationToken cancellationToken)
    {
        if (!(await _organization.ReportAsync(session.Caller.OrganizationId, cancellationToken)).TryGet(out var report, out var failure))
        {
            return failure;
        }

        var keys = report.Keys.Select(key => new KeyResource(
            $"{key.Version}", StateName(key.State), "A256GCM", 256, "root-key", key.CreatedAt, AgeOf(key.CreatedAt), key.ActivatesAt, key.RetiresAt, null));
        return new KeyKindResource("organization", KeyKind.Organization, null, [.. keys]) { Rotation = ToResource(report.Rotation) };
    }

    private async Task<Result<KeyKindResource>> ReportSealingAsync(Session session, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var keys = (await _sealing.ReportAsync(session.Caller.OrganizationId, cancellationToken)).Select(key => new KeyResource(
            key.KeyId,
            key.RetiresAt is null ? "active" : now < key.AcceptedUntil ? "retired" : "kept",
            CompactJwe.Algorithm,
            key.Bits,
            "organization-key",
            key.CreatedAt,
            AgeOf(key.CreatedAt),
            key.CreatedAt,
            key.RetiresAt,
            key.AcceptedUntil));
        return new KeyKindResource("sealing", KeyKind.Organization, null, [.. keys]);
    }

    private async Task<Result<KeyKindResource>> ReportSigningAsync(Session session, CancellationToken cancellationToken)
    {
        var report = await _signing.ReportAsync(cancellationToken);
        var keys = report.Keys.Select(key => new KeyResource(
            key.KeyId,
            StateName(key.State),
            "RS256",
            key.Bits,
            key.IsRemote ? "key-vault" : "root-key",
            key.PublishedAt,
            AgeOf(key.PublishedAt),
            key.ActivatesAt,
            key.RetiresAt,
            key.RemovedAt));
        return new KeyKindResource("signing", KeyKind.Deployment, report.NextRotationAt, [.. keys]);
    }

    private long AgeOf(DateTimeOffset createdAt) => (long)(_time.GetUtcNow() - createdAt).TotalSeconds;

    private static KeyRotationResource? ToResource(RotationReport? rotation) => rotation is null
        ? null
        : new KeyRotationResource(
            rotation.StartedAt,
            rotation.Step switch
            {
                RotationStep.Publishing => "publishing",
                RotationStep.Rewrapping => "rewrapping",
                _ => "confirming",
            },
            rotation.Left,
            rotation.Unreadable);

    private static string StateName(KeyState state) => state switch
    {
        KeyState.Next => "next",
        KeyState.Active => "active",
        _ => "retired",
    };

    private static string StateName(SigningKeyState state) => state switch
    {
        SigningKeyState.Next => "next",
        SigningKeyState.Active => "active",
        SigningKeyState.Retired => "retired",
        _ => "removed",
    };
}
