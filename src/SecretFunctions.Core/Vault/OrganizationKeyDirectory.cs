using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Vault;

/// <summary>An organization's wrapping keys, as its owners see and rotate them. Safe for concurrent use.</summary>
public sealed class OrganizationKeyDirectory(ResourceStore resources, RootKeys rootKeys, KeyRotationOptions options)
{
    private const int MaxAttempts = 8;

    /// <summary>Of one organization at a time. More are no use to anybody, and the row would grow without end where a rotation cannot finish.</summary>
    internal const int MaxVersions = 10;

    public async Task<Result<OrganizationKeyReport>> ReportAsync(string organizationId, CancellationToken cancellationToken)
    {
        var organization = await resources.GetAsync(organizationId, Rows.Organization, StoredJson.Default.Organization, cancellationToken);
        var stored = await resources.GetAsync(organizationId, Rows.Keys, StoredJson.Default.StoredOrganizationKeys, cancellationToken);
        if (organization is null || stored is null)
        {
            return Gone;
        }

        var rotation = await resources.GetAsync(organizationId, Rows.KeyRotation, StoredJson.Default.KeyRotation, cancellationToken);
        return new OrganizationKeyReport(
            [.. stored.Document.Wrapping.OrderBy(static key => key.Version).Select(key => StatusOf(stored.Document, key, organization.Document.Changes.CreatedAt))],
            ReportOf(stored.Document, rotation?.Document));
    }

    /// <summary>
    /// Adds a key, which seals from shortly after on. What lies under earlier ones is wrapped under it by maintenance, and goes on opening
    /// meanwhile. May be repeated before that is over.
    /// </summary>
    public async Task<Failure?> RotateAsync(Caller caller, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await resources.GetAsync(caller.OrganizationId, Rows.Keys, StoredJson.Default.StoredOrganizationKeys, cancellationToken) is not { } stored)
            {
                return Gone;
            }

            if (stored.Document.Wrapping.Count >= MaxVersions)
            {
                return Failure.Conflict("organization_key.rotation_pending", $"The organization has {MaxVersions} keys: earlier rotations are not over yet.") with
                {
                    Hint = "GET /v1/keys says how far they are. Where something does not open, write it anew or delete it.",
                };
            }

            var now = resources.Now;
            var version = stored.Document.LastVersion + 1;

            // Under the key that has the others of the row: where the root key is being rotated, they all move together.
            var added = await OrganizationKeys.CreateVersionAsync(rootKeys.Get(stored.Document.RootKeyId), caller.OrganizationId, version, now, cancellationToken);
            var next = stored.Document with { Wrapping = [.. stored.Document.Wrapping, added], Current = stored.Document.CurrentVersion };

            // One transaction: where the row of the keys is gone, the organization was destroyed, and no progress is noted of it.
            EntityWrite[] writes =
            [
                EntityWrite.Replace(Rows.Keys, Documents.Serialize(next, StoredJson.Default.StoredOrganizationKeys), stored.ETag),
                EntityWrite.Upsert(Rows.KeyRotation, Documents.Serialize(new KeyRotation(now), StoredJson.Default.KeyRotation)),
            ];
            if ((await resources.CommitAsync(caller, writes, Change.Of("organization-key.rotate", ("version", $"{version}")), cancellationToken)).Applied)
            {
                return null;
            }
        }

        return ResourceStore.Busy;
    }

    private OrganizationKeyStatus StatusOf(StoredOrganizationKeys keys, StoredKey key, DateTimeOffset organizationCreatedAt)
    {
        var created = key.CreatedAt ?? organizationCreatedAt;
        var state = key.Version == keys.CurrentVersion ? KeyState.Active : key.Version > keys.CurrentVersion ? KeyState.Next : KeyState.Retired;
        return new OrganizationKeyStatus(
            key.Version,
            state,
            created,
            state == KeyState.Next ? created + options.Settling : key.ActivatedAt ?? (key.Version == 1 ? created : null),
            state == KeyState.Retired ? keys.Wrapping.Where(later => later.Version > key.Version).Min(static later => later.ActivatedAt) : null);
    }

    private static RotationReport? ReportOf(StoredOrganizationKeys keys, KeyRotation? rotation)
    {
        if (keys.Wrapping.Count == 1)
        {
            return null;
        }

        rotation = rotation?.Current == keys.CurrentVersion ? rotation : rotation is null ? null : new KeyRotation(rotation.StartedAt);
        var step = !keys.Earlier.Any() ? RotationStep.Publishing
            : rotation is { Left: 0 } ? RotationStep.Confirming
            : RotationStep.Rewrapping;
        return new RotationReport(rotation?.StartedAt ?? keys.CurrentKey.ActivatedAt ?? DateTimeOffset.MinValue, step, rotation?.Left, rotation?.Unreadable ?? 0);
    }

    private static Failure Gone { get; } = Failure.NotFound("organization.not_found", "The organization was deleted.");
}
