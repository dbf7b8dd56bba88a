using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>Which credential is a member's own: the one that first wrote something personal. Safe for concurrent use.</summary>
internal static class PersonalIdentities
{
    /// <summary>
    /// The write that makes the calling credential its member's own, for the transaction of whatever personal it writes first: so there is nothing
    /// personal that nobody has claimed. Empty where there is nothing to claim.
    /// </summary>
    public static async Task<Result<EntityWrite[]>> ClaimAsync(ResourceStore resources, Caller caller, CancellationToken cancellationToken)
    {
        if (!caller.IsPersonalUnclaimed || caller.Person is not { } person)
        {
            return Array.Empty<EntityWrite>();
        }

        var row = Rows.PersonalIdentity(person.Email);
        var current = await resources.GetAsync(caller.OrganizationId, row, StoredJson.Default.PersonalIdentity, cancellationToken);
        if (current is not null && current.Document.MemberId == person.Id)
        {
            return PersonalStanding.Of(person, current.Document, null, caller.KeyId, caller.Identity).Opens == person
                ? Array.Empty<EntityWrite>()
                : Authorizer.CheckOwnCredential(caller)!;
        }

        var claim = Documents.Serialize(new PersonalIdentity(person.Id, caller.KeyId, caller.Identity, resources.Now), StoredJson.Default.PersonalIdentity);
        return new[] { current is null ? EntityWrite.Insert(row, claim) : EntityWrite.Replace(row, claim, current.ETag) };
    }
}
