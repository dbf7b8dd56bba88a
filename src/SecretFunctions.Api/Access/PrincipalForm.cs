using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Api.Access;

/// <summary>Principals on the wire.</summary>
internal static class PrincipalForm
{
    public static PrincipalReference ToReference(Principal principal) => new(Principal.TypeName(principal.Type), principal.Name);

    public static Result<Principal> Parse(PrincipalReference reference)
    {
        if (!Principal.TryParseType(reference.Type, out var type))
        {
            return Failure.Invalid("principal.invalid", "A principal's type is member, automation or service.");
        }

        var name = reference.Name;
        if (type == PrincipalType.Member ? !MemberEmail.TryParse(name, out name) : !Slug.TryParse(name, out _))
        {
            return Failure.Invalid("principal.invalid", "A member is named by e-mail, an automation or service by its name.");
        }

        var principal = new Principal(type, name);
        return principal.IsReserved
            ? Failure.Invalid("principal.reserved", $"The service '{name}' is the deployment's own: choose another name.")
            : principal;
    }
}
