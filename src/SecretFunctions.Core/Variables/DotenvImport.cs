using System.Security.Cryptography;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Variables;

/// <summary>What an import did, or with a dry run would do.</summary>
public readonly record struct ImportOutcome(int Created, int Updated, int Unchanged);

/// <summary>Stores a dotenv document's variables: all of them in one transaction, or none. Safe for concurrent use.</summary>
public sealed class DotenvImport(ResourceStore resources, VariableDirectory variables, OrganizationViews views)
{
    /// <summary>
    /// New or changed variables in one import: each is one write of a transaction, and larger transactions are not to be had.
    /// </summary>
    public const int MaxChanges = ResourceStore.MaxWrites;

    /// <summary>Wrong lines that are named. Nobody reads more, and a document of nothing else would have half a million.</summary>
    public const int MaxErrors = 1000;

    public async Task<Result<ImportOutcome>> ImportAsync(
        Caller caller, string environment, VariableScope scope, ReadOnlyMemory<byte> utf8, bool dryRun, CancellationToken cancellationToken)
    {
        if (!DotenvDocument.Parse(utf8.Span).TryGet(out var document, out var failure))
        {
            return failure.Errors.Count > MaxErrors ? failure with { Errors = [.. failure.Errors.Take(MaxErrors)] } : failure;
        }

        using (document)
        {
            if (document.Entries.Count == 0)
            {
                return default(ImportOutcome);
            }

            var place = new VariableAddress(environment, scope, document.Entries[0].Key);
            if (await variables.CheckPlaceAsync(caller, place, cancellationToken) is { } noPlace)
            {
                return noPlace;
            }

            return await views.GetAsync(caller.OrganizationId, cancellationToken) is { } view
                ? await ImportAsync(caller, view, environment, scope, document, dryRun, cancellationToken)
                : VariableDirectory.Gone;
        }
    }

    private async Task<Result<ImportOutcome>> ImportAsync(
        Caller caller,
        OrganizationView view,
        string environment,
        VariableScope scope,
        DotenvDocument document,
        bool dryRun,
        CancellationToken cancellationToken)
    {
        var writes = new List<EntityWrite>();
        var changed = new List<string>();
        var outcome = default(ImportOutcome);
        EntityWrite[] claim = [];
        if (scope.Kind == ScopeKind.Personal && !(await PersonalIdentities.ClaimAsync(resources, caller, cancellationToken)).TryGet(out claim!, out var failure))
        {
            return failure;
        }

        // Whoever may not see values does not learn by guessing either: to them, whatever they send is a change.
        var compares = await variables.ShowsValuesAsync(caller, new VariableAddress(environment, scope, document.Entries[0].Key), cancellationToken);
        var isListed = false;
        foreach (var entry in document.Entries)
        {
            var address = new VariableAddress(environment, scope, entry.Key);
            var current = VariableReach.IsOpen(caller, scope)
                ? await resources.GetAsync(caller.OrganizationId, address.Row, StoredJson.Default.Variable, cancellationToken)
                : null;

            // Before anything is compared: that a value is the same says what it is.
            if (Authorizer.CheckListed(caller, current?.Document.Access, AccessRole.Admin) is { } denied)
            {
                return denied;
            }

            isListed |= current?.Document.Access is not null;
            if (compares && current is not null && HasValue(view, address, current.Document, entry.Value))
            {
                outcome = outcome with { Unchanged = outcome.Unchanged + 1 };
                continue;
            }

            var next = Documents.Serialize(variables.WithNewValue(view, caller, address, current?.Document, entry.Value), StoredJson.Default.Variable);
            writes.Add(current is null ? EntityWrite.Insert(address.Row, next) : EntityWrite.Replace(address.Row, next, current.ETag));
            outcome = current is null ? outcome with { Created = outcome.Created + 1 } : outcome with { Updated = outcome.Updated + 1 };
            changed.Add(address.RecordedAs(view.Keys));

            // Not read on: a document may name a hundred thousand.
            if (writes.Count + claim.Length > MaxChanges)
            {
                return TooLarge;
            }
        }

        if (dryRun || writes.Count == 0)
        {
            return outcome;
        }

        if (isListed && !(await PersonalIdentities.ClaimAsync(resources, caller, cancellationToken)).TryGet(out claim!, out failure))
        {
            return failure;
        }

        var change = Change.Of(
            "variable.import",
            ("environment", environment),
            ("scope", scope.ToString()),
            ("keys", string.Join(',', changed)));
        var result = await resources.CommitAsync(caller, [.. writes, .. claim], change, cancellationToken);
        return result.Conflict switch
        {
            null => outcome,
            WriteConflict.TooLarge => TooLarge,
            _ => Failure.Conflict("import.conflict", "A variable of this document was changed by somebody else meanwhile; nothing was imported. Try again."),
        };
    }

    private static bool HasValue(OrganizationView view, VariableAddress address, Variable variable, SecretValue value)
    {
        if (variable.Current is not { } version || !VariableDirectory.Open(view, address, version).TryGet(out var current, out _))
        {
            return false;
        }

        using (current)
        {
            return CryptographicOperations.FixedTimeEquals(current.Reveal(), value.Reveal());
        }
    }

    private static Failure TooLarge { get; } = Failure.Invalid(
        "import.too_large",
        $"An import is one transaction, which takes at most {MaxChanges} new or changed variables and 2.9 MB with their history; this one has more. Split the document.");
}
