using System.Security.Cryptography;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Organizations;

/// <summary>The deployment's organizations: made, found by name, and destroyed. Safe for concurrent use.</summary>
public sealed class OrganizationDirectory(IEntityStore store, RootKeys rootKeys, AuditLog audit, OrganizationViews views, TimeProvider time)
{
    /// <summary>The id behind a name, or null.</summary>
    public async Task<string?> FindIdAsync(string name, CancellationToken cancellationToken)
    {
        if (!await views.Known.MayExistAsync(name, cancellationToken))
        {
            return null;
        }

        if (await GetNameAsync(name, cancellationToken) is { Document: { State: OrganizationState.Active, Id: var id } })
        {
            return id;
        }

        views.Known.Missed();
        return null;
    }

    public async Task<Result<Stored<Organization>>> GetAsync(string name, CancellationToken cancellationToken)
    {
        var id = await FindIdAsync(name, cancellationToken);
        return id is not null && await store.GetAsync(id, Rows.Organization, StoredJson.Default.Organization, cancellationToken) is { } stored
            ? stored
            : NotFound(name);
    }

    public async Task<Result<Saved<Organization>>> PutAsync(
        Caller caller, string name, OrganizationInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        if (await GetNameAsync(name, cancellationToken) is not { } existing)
        {
            return precondition.Check(null) is { } failed
                ? failed
                : await CreateAsync(caller, name, input, cancellationToken);
        }

        if (existing.Document.State != OrganizationState.Active)
        {
            await FinishDeletionAsync(existing, release: false, cancellationToken);
            return ReservedNames.Taken("organization", name);
        }

        var owner = caller with { OrganizationId = existing.Document.Id, OrganizationName = name };
        var resources = new ResourceStore(store, audit, views, time);
        return await resources.PutAsync(
            owner,
            Rows.Organization,
            StoredJson.Default.Organization,
            precondition,
            Change.Of("organization.put", ("organization", name)),
            current => ValueTask.FromResult<Result<Organization>>(
                current is null
                    ? NotFound(name)
                    : input.ApplyTo(current) with { Changes = current.Changes.Changed(time.GetUtcNow(), caller.Principal.ToString()) }),
            cancellationToken);
    }

    /// <summary>
    /// Destroys the organization's keys first: from then on nothing of it can be opened, whatever else still lies about. Then the
    /// rest, in steps that a later call takes up where this one was killed.
    /// </summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, bool release, CancellationToken cancellationToken)
    {
        if (await GetNameAsync(name, cancellationToken) is not { } existing)
        {
            return NotFound(name);
        }

        if (existing.Document.State == OrganizationState.Active)
        {
            var current = await store.GetAsync(existing.Document.Id, Rows.Organization, StoredJson.Default.Organization, cancellationToken);
            if (precondition.Check(current?.ETag) is { } failed)
            {
                return failed;
            }

            var deleting = new OrganizationName(existing.Document.Id, OrganizationState.Deleting);
            var record = new AuditEvent(time.GetUtcNow(), caller with { OrganizationId = Rows.Deployment }, "organization.delete", AuditEvent.Success)
            {
                Target = [KeyValuePair.Create("organization", name)],
            };
            var marked = await audit.CommitAsync(
                [EntityWrite.Replace(existing.Row, Documents.Serialize(deleting, StoredJson.Default.OrganizationName), existing.ETag)], record, cancellationToken);
            if (!marked.Applied)
            {
                return ResourceStore.Busy;
            }

            existing = new Stored<OrganizationName>(existing.Row, deleting, marked.ETags[0]);
        }
        else if (existing.Document.State == OrganizationState.Reserved && !release)
        {
            return NotFound(name);
        }

        return await FinishDeletionAsync(existing, release, cancellationToken);
    }

    /// <summary>Every organization that serves, or whose deletion is not finished.</summary>
    internal async Task<IReadOnlyList<Stored<OrganizationName>>> ListAsync(CancellationToken cancellationToken)
    {
        var names = new List<Stored<OrganizationName>>();
        await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(Rows.Deployment, Rows.OrganizationNamePrefix), 500, cancellationToken))
        {
            var name = Documents.Read(entity, StoredJson.Default.OrganizationName);
            if (name.Document.State != OrganizationState.Reserved)
            {
                names.Add(name);
            }
        }

        return names;
    }

    /// <summary>Takes up a deletion whose process ended before it did. The name stays reserved, as whoever asked to release it can repeat that.</summary>
    internal Task ResumeDeletionAsync(Stored<OrganizationName> name, CancellationToken cancellationToken) =>
        FinishDeletionAsync(name, release: false, cancellationToken);

    internal async Task EnsureDefaultAsync(CancellationToken cancellationToken)
    {
        if (await store.GetAsync(new EntityKey(Rows.Deployment, Rows.OrganizationName(Deployment.DefaultOrganization)), cancellationToken) is null)
        {
            var caller = new Caller("", "", Principal.Operator, Permissions.All);
            await CreateAsync(caller, Deployment.DefaultOrganization, new OrganizationInput(null, null, []), cancellationToken);
        }
    }

    private async Task<Result<Saved<Organization>>> CreateAsync(
        Caller caller, string name, OrganizationInput input, CancellationToken cancellationToken)
    {
        var id = ApiKeyText.NewId();
        var now = time.GetUtcNow();
        var changes = Changes.Made(now, caller.Principal.ToString());
        var organization = input.ApplyTo(new Organization(id, name, null, null, changes));
        var root = await rootKeys.GetCurrentAsync(cancellationToken);
        var keys = await OrganizationKeys.CreateAsync(root, id, now, cancellationToken);
        var project = new Project(Deployment.DefaultOrganization, null, null, changes);
        var made = new AuditEvent(now, caller with { OrganizationId = id, OrganizationName = name }, "organization.put", AuditEvent.Success)
        {
            Target = [KeyValuePair.Create("organization", name)],
        };
        List<EntityWrite> writes =
        [
            EntityWrite.Insert(Rows.Organization, Documents.Serialize(organization, StoredJson.Default.Organization)),
            EntityWrite.Insert(Rows.Keys, Documents.Serialize(keys, StoredJson.Default.StoredOrganizationKeys)),
            EntityWrite.Insert(Rows.Revision, RandomNumberGenerator.GetBytes(8)),
            EntityWrite.Insert(Rows.Project(project.Name), Documents.Serialize(project, StoredJson.Default.Project)),
        ];
        writes.AddRange(DeploymentEnvironment.BuiltIn.Select(environment => EntityWrite.Insert(
            Rows.Environment(environment),
            Documents.Serialize(new DeploymentEnvironment(environment, null, null, changes), StoredJson.Default.DeploymentEnvironment))));
        audit.Introduce(id, (await OrganizationKeys.UnwrapAsync(root, id, keys, known: null, cancellationToken)).Audit);
        var created = await audit.CommitAsync(writes, made, cancellationToken);

        // The name comes last, and makes it real. Whoever loses a race for it leaves rows that nothing points to.
        var named = await store.WriteAsync(
            Rows.Deployment,
            [EntityWrite.Insert(Rows.OrganizationName(name), Documents.Serialize(new OrganizationName(id, OrganizationState.Active), StoredJson.Default.OrganizationName))],
            cancellationToken);
        if (named.Applied)
        {
            views.Known.Forget();
            return new Saved<Organization>(organization, created.ETags[0], Created: true);
        }

        await PurgeAsync(id, cancellationToken);
        return ResourceStore.Busy;
    }

    private async Task<Failure?> FinishDeletionAsync(Stored<OrganizationName> name, bool release, CancellationToken cancellationToken)
    {
        var id = name.Document.Id;
        if (name.Document.State == OrganizationState.Deleting)
        {
            if (await store.GetAsync(new EntityKey(id, Rows.Keys), cancellationToken) is not null)
            {
                // With the revision, or an instance that holds the keys in memory would go on until the purge got that far.
                await store.WriteAsync(id, [EntityWrite.Delete(Rows.Keys, null), EntityWrite.Delete(Rows.Revision, null)], cancellationToken);
            }

            views.Invalidate(id);
            await PurgeAsync(id, cancellationToken);
        }

        var write = release
            ? EntityWrite.Delete(name.Row, name.ETag)
            : EntityWrite.Replace(name.Row, Documents.Serialize(new OrganizationName(id, OrganizationState.Reserved), StoredJson.Default.OrganizationName), name.ETag);
        var finished = await store.WriteAsync(Rows.Deployment, [write], cancellationToken);

        // Lost to another deletion, which did the same, unless it kept the name that this one was to give away.
        return release && finished.Conflict is WriteConflict.Changed ? ResourceStore.Busy : null;
    }

    private async Task PurgeAsync(string organizationId, CancellationToken cancellationToken)
    {
        // '!' and '~' are the first and the last character a row key may begin with.
        await store.PurgeAsync(new EntityRange(organizationId, "!", "~~"), cancellationToken);
    }

    /// <summary>Whatever a header or path named: what no organization can be called is no row either.</summary>
    private async Task<Stored<OrganizationName>?> GetNameAsync(string name, CancellationToken cancellationToken) => Slug.TryParse(name, out _)
        ? await store.GetAsync(Rows.Deployment, Rows.OrganizationName(name), StoredJson.Default.OrganizationName, cancellationToken)
        : null;

    private static Failure NotFound(string name) => Failure.NotFound("organization.not_found", $"There is no organization '{name}'.");
}
