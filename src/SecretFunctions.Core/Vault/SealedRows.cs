using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Vault;

/// <summary>One envelope of a row, and where it belongs.</summary>
internal readonly record struct SealedPart(SealContext Context, byte[] Envelope);

/// <summary>A kind of row that holds envelopes: what has to be wrapped anew when an organization's key is rotated.</summary>
/// <param name="Prefix">Of its rows.</param>
/// <param name="Document">What is stored there.</param>
/// <param name="Read">The envelopes of one row, from the organization's id and the entity.</param>
internal sealed record SealedRows(string Prefix, Type Document, Func<string, Entity, IEnumerable<SealedPart>> Read)
{
    /// <summary>All there are, in the order in which they lie. A test fails when a stored document with sealed bytes in it is missing.</summary>
    public static IReadOnlyList<SealedRows> All { get; } =
    [
        new(Rows.AllCachePrefix, typeof(CachedSecretRow), OfCache),
        new(Rows.CredentialPrefix, typeof(ProviderCredential), OfCredential),
        new(VariableAddress.AllPersonalPrefix, typeof(Variable), OfVariable),
        new(Rows.SealingKeys, typeof(StoredSealingKeys), OfSealingKeys),
        new(Rows.AllSnapshotsPrefix, typeof(Snapshot), OfSnapshot),
        new(Rows.VariablePrefix, typeof(Variable), OfVariable),
    ];

    private static IEnumerable<SealedPart> OfCache(string organizationId, Entity entity)
    {
        var row = Documents.Read(entity, StoredJson.Default.CachedSecretRow).Document;
        return [new SealedPart(new SecretKey(row.Credential, row.Generation, row.Address, row.Subject).SealContext(organizationId), row.Sealed)];
    }

    private static IEnumerable<SealedPart> OfCredential(string organizationId, Entity entity)
    {
        var credential = Documents.Read(entity, StoredJson.Default.ProviderCredential).Document;
        return credential.Auth.Sealed is { } envelope
            ? [new SealedPart(new SealContext(organizationId, credential.SealSubject, credential.Generation), envelope)]
            : [];
    }

    private static IEnumerable<SealedPart> OfVariable(string organizationId, Entity entity)
    {
        var variable = Documents.Read(entity, StoredJson.Default.Variable).Document;
        var address = VariableAddress.Of(variable, entity.Key.Row);
        return variable.Versions.Select(version => new SealedPart(address.SealContext(organizationId, version.Version, version.IsJwe), version.Sealed));
    }

    private static IEnumerable<SealedPart> OfSealingKeys(string organizationId, Entity entity) =>
        Documents.Read(entity, StoredJson.Default.StoredSealingKeys).Document.Keys.Select(key => new SealedPart(key.Context(organizationId), key.Private));

    private static IEnumerable<SealedPart> OfSnapshot(string organizationId, Entity entity)
    {
        var snapshot = Documents.Read(entity, StoredJson.Default.Snapshot).Document;
        return snapshot.Entries.Select(entry => new SealedPart(new SealContext(organizationId, snapshot.SealSubject(entry.Key), 1), entry.Sealed));
    }
}
