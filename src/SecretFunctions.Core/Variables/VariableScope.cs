using System.Diagnostics.CodeAnalysis;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Variables;

public enum ScopeKind
{
    /// <summary>In the order of precedence: what comes first wins over what follows.</summary>
    Automation,
    Project,
    Organization,
    Personal,
}

/// <summary>Whose variable it is: the organization's, a project's, an automation's, or one person's.</summary>
public readonly record struct VariableScope
{
    private readonly string? _name;

    private VariableScope(ScopeKind kind, string? name)
    {
        Kind = kind;
        _name = name;
    }

    public ScopeKind Kind { get; }

    /// <summary>The project, automation or member; empty for the organization.</summary>
    public string Name => _name ?? "";

    public static VariableScope Organization { get; } = new(ScopeKind.Organization, null);

    public static VariableScope Project(string name) => new(ScopeKind.Project, name);

    public static VariableScope Automation(string name) => new(ScopeKind.Automation, name);

    public static VariableScope Personal(string email) => new(ScopeKind.Personal, email);

    /// <summary>As it stands in <c>?scope=</c>; null is the organization. <c>personal</c> is the caller's own, and members' alone.</summary>
    public static bool TryParse(string? text, Caller caller, out VariableScope scope, [NotNullWhen(false)] out Failure? failure)
    {
        failure = null;
        switch (text)
        {
            case null or "organization":
                scope = Organization;
                return true;
            case "personal" when caller.Principal.Type == PrincipalType.Member:
                scope = Personal(caller.Principal.Name);
                return true;
            case "personal":
                scope = default;
                failure = Failure.Denied("scope.personal_needs_member", "Only a member has personal variables: call with an API key bound to a member.");
                return false;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && text[..colon] is "project" or "automation" && Slug.TryParse(text[(colon + 1)..], out var name))
        {
            scope = text[0] == 'p' ? Project(name.Value) : Automation(name.Value);
            return true;
        }

        scope = default;
        failure = Failure.Invalid("scope.invalid", "A scope is organization, project:NAME, automation:NAME or personal.");
        return false;
    }

    /// <summary>Without whose it is, for a person's own eyes and the owner's kickoffs alone: <c>personal</c>.</summary>
    public override string ToString() => Kind switch
    {
        ScopeKind.Organization => "organization",
        ScopeKind.Project => $"project:{_name}",
        ScopeKind.Automation => $"automation:{_name}",
        _ => "personal",
    };
}

/// <summary>Names one variable of an organization. Every part is immutable, so this identifies it for good.</summary>
public readonly record struct VariableAddress(string Environment, VariableScope Scope, VariableKey Key)
{
    /// <summary>
    /// Personal variables lie apart from all others: no listing of the organization's can come across them.
    /// </summary>
    internal string Row => Scope.Kind == ScopeKind.Personal
        ? $"{PersonalPrefix(Scope.Name)}{Environment}|{Key}"
        : $"{Organizations.Rows.VariablePrefix}{Environment}|{Scope}|{Key}";

    /// <summary>What a version of the value is bound to. One that a client has sealed is of another kind, and opens as nothing else.</summary>
    internal SealContext SealContext(string organizationId, int version, bool isJwe) => new(organizationId, isJwe ? $"sealed-{SealSubject}" : SealSubject, version);

    private string SealSubject => Scope.Kind == ScopeKind.Personal
        ? $"variable/{Environment}/personal:{Scope.Name}/{Key}"
        : $"variable/{Environment}/{Scope}/{Key}";

    /// <summary>Of a stored variable. Whose a personal one is, its row alone says.</summary>
    internal static VariableAddress Of(Variable variable, string row)
    {
        var name = variable.Scope[(variable.Scope.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var scope = variable.Scope[..^name.Length] switch
        {
            "project:" => VariableScope.Project(name),
            "automation:" => VariableScope.Automation(name),
            _ when name == "personal" => VariableScope.Personal(row[AllPersonalPrefix.Length..^$"|{variable.Environment}|{variable.Key}".Length]),
            _ => VariableScope.Organization,
        };
        return VariableKey.TryParse(variable.Key, out var key)
            ? new VariableAddress(variable.Environment, scope, key)
            : throw new InvalidOperationException($"Row '{row}' holds a variable without a key.");
    }

    internal const string AllPersonalPrefix = "personal|";

    internal static string PersonalPrefix(string email) => $"{AllPersonalPrefix}{email}|";
}
