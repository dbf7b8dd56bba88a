using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Maintenance;

/// <summary>
/// What has to be done from time to time: rotate signing keys, go on with rotations of the root key, and for every organization notice rotations, warn of credentials that end, remove what has expired,
/// finish deletions. Both heads call it from their timers. No rule depends on it: whatever expires is refused by whoever reads it. Safe for
/// concurrent use.
/// </summary>
public sealed class MaintenanceRound(
    MaintenanceLeases leases, SigningKeyMaintenance signingKeys, RootKeyDirectory rootKeys, OrganizationDirectory organizations, OrganizationMaintenance maintenance, Bulkhead bulkhead)
{
    private const int Concurrency = 4;

    /// <summary>One round, unless none is due yet or another instance is at it.</summary>
    /// <exception cref="StoreUnavailableException">There is no telling whose turn it is. The next round tries again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var lease = await leases.TryTakeAsync(cancellationToken);
        if (lease is null)
        {
            return;
        }

        var findings = new RoundFindings();
        var completed = false;
        try
        {
            await bulkhead.RunAsync(Rows.Deployment, "signing keys", () => signingKeys.RunAsync(cancellationToken), cancellationToken);
            await bulkhead.RunAsync(Rows.Deployment, "root key", () => rootKeys.AdvanceAsync(cancellationToken), cancellationToken);
            await Parallel.ForEachAsync(
                await organizations.ListAsync(cancellationToken),
                new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
                async (name, token) =>
                {
                    if (await lease.HoldAsync(token))
                    {
                        await bulkhead.RunAsync(name.Row[Rows.OrganizationNamePrefix.Length..], "the whole", () => CareForAsync(name, findings, token), token);
                    }
                });
            completed = true;
        }
        finally
        {
            await lease.EndAsync(completed ? findings : null);
        }
    }

    private Task CareForAsync(Stored<OrganizationName> name, RoundFindings findings, CancellationToken cancellationToken) => name.Document.State == OrganizationState.Deleting
        ? organizations.ResumeDeletionAsync(name, cancellationToken)
        : maintenance.RunAsync(name.Document.Id, findings, cancellationToken);
}
