using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>
/// Whom a policy admits: each subject by itself, or, where they are more than the cloud's policy holds, everybody whose subject begins as
/// theirs do.
/// </summary>
internal sealed class AdmittedSubjects
{
    private readonly SubjectScope _scope;

    private AdmittedSubjects(IReadOnlyList<TokenSubject> roots, SubjectScope level, SubjectScope scope)
    {
        Roots = roots;
        Level = level;
        _scope = scope;
        Values = IsWildcard ? [.. roots.Select(root => $"{root}:{Label(level + 1)}:*")] : [.. roots.Select(static root => root.ToString())];
    }

    /// <summary>What each value names in full.</summary>
    public IReadOnlyList<TokenSubject> Roots { get; }

    /// <summary>How much of a subject a value names.</summary>
    public SubjectScope Level { get; }

    /// <summary>Names have no colon and no star in them, so a star at the end stands for further names and nothing else.</summary>
    public bool IsWildcard => Level < _scope;

    /// <summary>Subjects, or what subjects begin with and a <c>*</c>.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Each by itself, whatever their number: where the cloud knows no wildcard.</summary>
    public static AdmittedSubjects Exactly(TrustInput input) => At(input, input.Config.SubjectScope);

    /// <summary>The closest that fits. What admits the whole organization is taken to fit.</summary>
    public static AdmittedSubjects Fit(TrustInput input, Func<AdmittedSubjects, bool> fits)
    {
        for (var level = input.Config.SubjectScope; level > SubjectScope.Organization; level--)
        {
            var admitted = At(input, level);
            if (fits(admitted))
            {
                return admitted;
            }
        }

        return At(input, SubjectScope.Organization);
    }

    private static AdmittedSubjects At(TrustInput input, SubjectScope level) =>
        new([.. input.Subjects.Select(subject => subject.Cut(level)).Distinct()], level, input.Config.SubjectScope);

    private static string Label(SubjectScope scope) => scope.ToString().ToLowerInvariant();
}
