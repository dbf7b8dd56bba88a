using System.Globalization;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Maintenance;

/// <summary>That a warning was given. The row's key says it all; this is for removing it one day.</summary>
internal sealed record ExpiryWarning(string Credential, DateTimeOffset ExpiresAt);

/// <summary>
/// Says in the audit log and in the log that a credential will expire: 30, 7 and 1 days before, and when it has. Each once, whichever
/// instance comes first: the marker and the audit event are one transaction. Safe for concurrent use.
/// </summary>
public sealed partial class ExpiryWarnings(IEntityStore store, AuditLog audit, TimeProvider time, ILogger<ExpiryWarnings> logger)
{
    /// <summary>The tightest first: a credential that is new and ends tomorrow is warned about once, not three times.</summary>
    internal static readonly (string Name, TimeSpan Before)[] Thresholds =
    [
        ("expired", TimeSpan.Zero),
        ("1-day", TimeSpan.FromDays(1)),
        ("7-days", TimeSpan.FromDays(7)),
        ("30-days", TimeSpan.FromDays(30)),
    ];

    /// <summary>Once the credential is gone or renewed: long enough for a restored backup or a change taken back not to warn again.</summary>
    private static readonly TimeSpan MarkersKept = TimeSpan.FromDays(30);

    internal async Task RunAsync(
        Caller caller, IReadOnlyDictionary<string, ProviderCredential> credentials, RoundFindings findings, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var given = new Dictionary<string, Stored<ExpiryWarning>>(StringComparer.Ordinal);
        await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(caller.OrganizationId, Rows.ExpiryWarningPrefix), 500, cancellationToken))
        {
            given[entity.Key.Row] = Documents.Read(entity, StoredJson.Default.ExpiryWarning);
        }

        foreach (var credential in credentials.Values)
        {
            if (credential.ExpiresAt is not { } expiresAt || Array.Find(Thresholds, threshold => expiresAt - now <= threshold.Before) is not { Name: { } threshold })
            {
                continue;
            }

            findings.AddExpiring(threshold);
            if (!given.ContainsKey(Rows.ExpiryWarning(credential.Name, expiresAt, threshold)))
            {
                await WarnAsync(caller, credential.Name, expiresAt, threshold, now, cancellationToken);
            }
        }

        var needless = given.Values.Where(warning =>
            credentials.GetValueOrDefault(warning.Document.Credential)?.ExpiresAt != warning.Document.ExpiresAt && warning.Document.ExpiresAt + MarkersKept < now);
        await store.DeleteUnchangedAsync(caller.OrganizationId, needless.Select(static warning => (warning.Row, warning.ETag)), cancellationToken);
    }

    private async Task WarnAsync(
        Caller caller, string credential, DateTimeOffset expiresAt, string threshold, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var marker = Documents.Serialize(new ExpiryWarning(credential, expiresAt), StoredJson.Default.ExpiryWarning);
        var warning = new AuditEvent(now, caller, "credential.expiring", AuditEvent.Success)
        {
            Target =
            [
                KeyValuePair.Create("credential", credential),
                KeyValuePair.Create("expiresAt", expiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
                KeyValuePair.Create("threshold", threshold),
            ],
        };

        // Nothing that a kickoff looks at changes, so there is no new revision.
        var result = await audit.CommitAsync([EntityWrite.Insert(Rows.ExpiryWarning(credential, expiresAt, threshold), marker)], warning, cancellationToken);
        if (result.Applied)
        {
            Log.Expiring(logger, credential, caller.OrganizationName, expiresAt, threshold);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1521, Level = LogLevel.Warning, Message = "Credential {Credential} of organization {Organization} expires at {ExpiresAt:u} ({Threshold}): replace it")]
        public static partial void Expiring(ILogger logger, string credential, string organization, DateTimeOffset expiresAt, string threshold);
    }
}
