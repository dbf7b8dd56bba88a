namespace SecretFunctions.Core.Issuer;

/// <summary>How much of who asks a token's subject names. Ordered from coarse to fine.</summary>
public enum SubjectScope
{
    Organization,
    Project,
    Environment,
    Automation,
}

/// <summary>Whom a token is about. What a coarser scope cuts off is null, and then the token says nothing of it either.</summary>
/// <param name="Organization">Its name: in the subject a cloud's trust policy must be readable.</param>
public sealed record TokenSubject(string Organization, string? Project, string? Environment, string? Automation)
{
    /// <summary>No finer than <paramref name="scope"/>.</summary>
    public TokenSubject Cut(SubjectScope scope) => new(
        Organization,
        scope >= SubjectScope.Project ? Project : null,
        scope >= SubjectScope.Environment ? Environment : null,
        scope >= SubjectScope.Automation ? Automation : null);

    /// <summary>Whether it names everything that <paramref name="scope"/> asks for: a resolve without automation has none to name.</summary>
    public bool Reaches(SubjectScope scope) =>
        (scope < SubjectScope.Project || Project is not null)
        && (scope < SubjectScope.Environment || Environment is not null)
        && (scope < SubjectScope.Automation || Automation is not null);

    /// <summary>
    /// The <c>sub</c> claim: <c>org:O:project:P:environment:E:automation:A</c>, up to the first part that is missing. A colon in a name is
    /// written <c>%3A</c> and a percent sign <c>%25</c>, so that no name can look like two.
    /// </summary>
    public override string ToString()
    {
        var subject = $"org:{Escape(Organization)}";
        foreach (var (label, name) in new[] { ("project", Project), ("environment", Environment), ("automation", Automation) })
        {
            if (name is null)
            {
                break;
            }

            subject += $":{label}:{Escape(name)}";
        }

        return subject;
    }

    private static string Escape(string name) =>
        name.Replace("%", "%25", StringComparison.Ordinal).Replace(":", "%3A", StringComparison.Ordinal);
}
