using System.Text;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Conjur;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Conjur;

namespace SecretFunctions.Providers.Tests.Conjur;

internal sealed class ConjurFixture : SecretProviderFixture
{
    private readonly ProviderHttp _http = LoopbackHttp.Create();

    private ConjurFixture(TimeProvider clock)
    {
        Conjur = new ConjurDouble(clock);
        Provider = new ConjurProvider(_http, clock);
    }

    public ConjurDouble Conjur { get; }

    public override CloudDouble Double => Conjur;

    public override ISecretProvider Provider { get; }

    public override bool HoldsEmpty => false; // "'value' may not be empty"

    public override string? MissingVersion => "99";

    public override string? Identity => Conjur.Login;

    public override int? Logins => Conjur.Logins;

    public override IReadOnlyList<string> Canaries =>
        [Conjur.ApiKey, ConjurDouble.TokenPayload, Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"protected\":\"eyJ9\"")), "wrong-canary"];

    public override IReadOnlyDictionary<string, string> ProviderCodes => new Dictionary<string, string>
    {
        [ProviderFailure.AuthenticationFailed] = "HTTP 401",
        [ProviderFailure.PermissionDenied] = "HTTP 403",
        [ProviderFailure.SecretNotFound] = "not_found",
        [ProviderFailure.VersionNotFound] = "not_found",
        [ProviderFailure.Throttled] = "HTTP 429",
    };

    public static async Task<ConjurFixture> StartAsync(TimeProvider clock)
    {
        var fixture = new ConjurFixture(clock);
        await fixture.Conjur.StartAsync();
        return fixture;
    }

    public override ProviderConnection Connect(bool authentic = true) => Connections.To(
        Provider,
        new Dictionary<string, string> { ["address"] = Conjur.Address.ToString(), ["account"] = Conjur.Account },
        new Dictionary<string, string> { ["login"] = Conjur.Login, ["apiKey"] = authentic ? Conjur.ApiKey : "wrong-canary" });

    public override void Put(string name, string value) => Conjur.Put(name, value);

    public override void DenyReads() => Conjur.DenyReads = true;

    public override void DenyLists() => Conjur.DenyLists = true;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }
}
