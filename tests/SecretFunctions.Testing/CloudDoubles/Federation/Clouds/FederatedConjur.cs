using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Conjur;

namespace SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

/// <summary>A JWT authenticator, and a host for each subject.</summary>
internal sealed class FederatedConjur(TimeProvider clock) : FederatedCloud
{
    private const string ServiceId = "secretfunctions";

    private readonly ConjurDouble _conjur = new(clock);

    public override CloudDouble Exchange => _conjur;

    public override CloudDouble Store => _conjur;

    public override FederatedTokens Tokens => _conjur.Jwt.Tokens;

    public override IReadOnlyList<string> Subjects => _conjur.Jwt.Subjects;

    public override IReadOnlyList<string> Issued => [ConjurDouble.TokenPayload];

    public override JsonObject Configuration => new()
    {
        ["cloud"] = "conjur",
        ["address"] = $"{_conjur.Address}",
        ["account"] = _conjur.Account,
        ["serviceId"] = ServiceId,
    };

    protected override JsonObject Credential => new() { ["provider"] = "cyberark-conjur", ["address"] = $"{_conjur.Address}", ["account"] = _conjur.Account };

    public override void Trust(string issuer, params IReadOnlyList<string> subjects)
    {
        (_conjur.Jwt.ServiceId, _conjur.Jwt.Issuer, _conjur.Jwt.Audience) = (ServiceId, issuer, $"{_conjur.Address}");
        foreach (var subject in subjects)
        {
            _conjur.Jwt.SetHost(subject, new ConjurJwtHost(new Dictionary<string, string>()));
        }
    }

    public override string Put(string name, string value)
    {
        _conjur.Put(name, value);
        return name;
    }

    public override void DenyReads(string subject) => _conjur.DeniedLogins.Add(_conjur.Jwt.LoginOf(subject));
}
