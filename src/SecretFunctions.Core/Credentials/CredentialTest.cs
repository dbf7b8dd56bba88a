using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Credentials;

/// <summary>One step of a connection test, in the order an admin would look: reach, authenticate, list, read.</summary>
/// <param name="Note">Of a step that is fine, where there is something to say.</param>
public sealed record TestStep(string Name, Failure? Failure, string? Note);

/// <param name="Identity">Who we are there, where the store tells.</param>
public sealed record TestReport(string? Identity, IReadOnlyList<TestStep> Steps)
{
    public bool Ok => Steps.All(static step => step.Failure is null);
}

/// <summary>
/// Tries a credential step by step and stops at the first that fails. Nothing is repeated, so that an admin waits for one answer and not for
/// three. Safe for concurrent use.
/// </summary>
public sealed class CredentialTest(OpenStores stores, TimeProvider time)
{
    private const int NamesAtMost = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <param name="secret">To read as well; null stops after listing.</param>
    public async Task<TestReport> RunAsync(OrganizationView view, StoreAccess access, SecretReference? secret, CancellationToken cancellationToken)
    {
        if (!stores.Lease(view, access).TryGet(out var lease, out var failure))
        {
            return new TestReport(null, [new TestStep("authenticate", failure, null)]);
        }

        using (lease)
        {
            return await WithinAsync(token => RunAsync(lease.Store, secret, token), cancellationToken)
                ?? new TestReport(null, [new TestStep("reach", TooSlow, null)]);
        }
    }

    /// <summary>Names for autocomplete. That listing is not permitted is no failure of the credential: references may still be read.</summary>
    public async Task<(IReadOnlyList<string> Names, bool Complete, Failure? Failure)> ListAsync(
        OrganizationView view, StoreAccess access, string prefix, CancellationToken cancellationToken)
    {
        if (!stores.Lease(view, access).TryGet(out var lease, out var failure))
        {
            return ([], false, failure);
        }

        using (lease)
        {
            if (lease.Store.Client is not ISecretLister lister)
            {
                return ([], false, ProviderFailure.Create(ProviderFailure.InvalidRequest, "This store cannot list its secrets.", "Write the secret's name."));
            }

            var listing = await WithinAsync(async token => (Result<SecretListing>?)await lister.ListAsync(prefix, NamesAtMost, token), cancellationToken) ?? TooSlow;
            return listing.TryGet(out var found, out failure)
                ? ([.. found.Names.Select(static secret => secret.Name)], found.Complete, null)
                : ([], false, failure);
        }
    }

    private static async Task<TestReport?> RunAsync(OpenStore store, SecretReference? secret, CancellationToken cancellationToken)
    {
        var steps = new List<TestStep>();
        if (!(await store.Client.AuthenticateAsync(cancellationToken)).TryGet(out var identity, out var failure) && failure is not null)
        {
            if (failure.Code is ProviderFailure.Unreachable or ProviderFailure.Timeout)
            {
                return new TestReport(null, [new TestStep("reach", failure, null)]);
            }

            return new TestReport(null, [new TestStep("reach", null, null), new TestStep("authenticate", failure, null)]);
        }

        steps.Add(new TestStep("reach", null, null));
        steps.Add(new TestStep("authenticate", null, null));
        if (store.Client is ISecretLister lister)
        {
            var listing = await lister.ListAsync("", 1, cancellationToken);
            var denied = listing.Failure is { Code: ProviderFailure.PermissionDenied };
            steps.Add(new TestStep("list", denied ? null : listing.Failure, denied ? "Listing is not permitted, so there is no autocomplete; reading does not need it." : null));
        }

        if (secret is { } reference)
        {
            steps.Add(new TestStep("read", (await SecretTrial.ReadAsync(store.Provider, store.Client, reference, cancellationToken)).Failure, null));
        }

        return new TestReport(identity, steps);
    }

    private async Task<T?> WithinAsync<T>(Func<CancellationToken, Task<T?>> run, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await run(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }

    private static Failure TooSlow { get; } = ProviderFailure.Create(
        ProviderFailure.Timeout, $"The store did not answer within {Patience.TotalSeconds:0} seconds.", "Check the address, and whether a firewall drops requests from here.");
}
