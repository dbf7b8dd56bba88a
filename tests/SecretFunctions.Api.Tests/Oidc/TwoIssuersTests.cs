using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Federation;
using SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

namespace SecretFunctions.Api.Tests.Oidc;

/// <summary>Two instances on one store behind one address: to whom a cloud's question about keys comes, and who signed, are two different matters.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public sealed class TwoIssuersTests : IAsyncLifetime
{
    private const string Subject = "org:default:project:default:environment:prod:automation:crew";

    private readonly string _data = Directory.CreateTempSubdirectory("secretfunctions-issuers-").FullName;
    private readonly TestClock _clock = new();
    private readonly Balancer _balancer = new();
    private FederatedCloud _cloud = null!;
    private LoopbackInstance[] _instances = [];
    private HttpClient[] _crews = [];

    private string Issuer => _balancer.Address.AbsoluteUri.TrimEnd('/');

    public async Task InitializeAsync()
    {
        await _balancer.StartAsync();
        _cloud = await FederatedCloud.StartAsync("aws", _clock);
        _cloud.Trust(Issuer, Subject);
        (string, string)[] settings =
        [
            ("Providers:AllowedHosts", "127.0.0.1"), ("Providers:TrustedRootsFile", TestCertificates.RootFile), .. _cloud.Settings,
        ];
        _instances = [await LoopbackInstance.StartAsync(_data, _clock, Issuer, settings), await LoopbackInstance.StartAsync(_data, _clock, Issuer, settings)];
        _balancer.Instances = [.. _instances.Select(static instance => new Uri(instance.Url))];
        var admin = _instances[0].Operator;
        await admin.AutomationAsync("crew");
        (await admin.PutAsync("/v1/workload-identity-configs/aws", _cloud.Configuration.ToJsonString())).ShouldBe(201);
        (await admin.PutAsync("/v1/provider-credentials/aws", _cloud.CredentialBy("aws").ToJsonString())).ShouldBe(201);
        (await admin.PutAsync("/v1/variables/prod/KEY", $$"""{"reference":{"credential":"aws","secret":"{{_cloud.Put("openai", "sk")}}"} }""")).ShouldBe(201);
        await admin.AssignAsync("crew", "prod", "KEY");
        var key = await _instances[0].AutomationKeyAsync("crew");
        _crews = [.. _instances.Select(instance => instance.Client(key))];
    }

    public async Task DisposeAsync()
    {
        foreach (var crew in _crews)
        {
            crew.Dispose();
        }

        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        await _cloud.DisposeAsync();
        await _balancer.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task They_agree_on_the_keys_while_one_rotates_and_no_token_fails_at_a_cloud()
    {
        var keys = new List<string>();
        for (var hour = 0; hour < 48; hour += 2)
        {
            // Access of an hour has ended by now, so each instance exchanges a token of its own.
            var work = _crews.Select(CheckAsync).ToList();
            if (hour == 10)
            {
                (await _instances[1].Operator.PostAsync("/v1/keys/signing/rotate")).ShouldBe(200);
                work.AddRange(_crews.Select(CheckAsync));
            }

            var signed = (await Task.WhenAll(work)).Distinct().ToArray();
            keys.Add(signed.ShouldHaveSingleItem($"hour {hour}"));
            _clock.Advance(TimeSpan.FromHours(2));
        }

        keys.Distinct().Count().ShouldBe(2);
        keys.IndexOf(keys[^1]).ShouldBe(17, "the second key signs from hour 34 on");
        _cloud.Subjects.Count.ShouldBe(48);
        _cloud.Subjects.ShouldAllBe(static subject => subject == Subject);
        _balancer.Asked.ShouldAllBe(static count => count > 40);
    }

    [Fact]
    public async Task After_a_revocation_at_one_both_sign_with_the_same_other_key()
    {
        var before = (await Task.WhenAll(_crews.Select(CheckAsync))).Distinct().ShouldHaveSingleItem();
        (await _instances[0].Operator.DeleteReplyAsync($"/v1/keys/signing/{before}")).ShouldBeNothing();
        _clock.Advance(TimeSpan.FromSeconds(2));

        var tokens = await Task.WhenAll(_crews.Select(MintAsync));

        tokens.Select(KeyId).Distinct().ShouldHaveSingleItem().ShouldNotBe(before);
        foreach (var token in tokens)
        {
            (await VerifyAsync(token)).ShouldBe(TokenFlaw.None);
        }
    }

    /// <summary>Resolves, so that the instance exchanges a token where its access has ended, and mints one that the cloud would take.</summary>
    /// <returns>The id of the key that signed.</returns>
    private async Task<string> CheckAsync(HttpClient crew)
    {
        (await crew.ResolvedAsync("""{"environment":"prod","fresh":true}""")).ShouldBe("KEY=sk");
        var token = await MintAsync(crew);
        (await VerifyAsync(token)).ShouldBe(TokenFlaw.None);
        return KeyId(token);
    }

    private static async Task<string> MintAsync(HttpClient crew) =>
        (string)(await crew.PostAsync("/v1/tokens", """{"audience":"sts.amazonaws.com","environment":"prod"}""")).ShouldBe(200).Json["token"]!;

    private async Task<TokenFlaw> VerifyAsync(string token) => (await _cloud.Tokens.VerifyAsync(token, Issuer, ["sts.amazonaws.com"], TokenLeeway.None)).Flaw;

    private static string KeyId(string token) => (string)TestJwt.Read(token)!.Value.Header["kid"]!;

    /// <summary>Hands each request to the next instance.</summary>
    private sealed class Balancer() : CloudDouble(https: false)
    {
        private readonly HttpClient _http = new();
        private int _count = -1;
        private int[] _asked = [];

        public Uri[] Instances
        {
            get;
            set
            {
                field = value;
                _asked = new int[value.Length];
            }
        } = [];

        /// <summary>How often each of them was.</summary>
        public IReadOnlyList<int> Asked => _asked;

        protected override async Task HandleAsync(HttpContext context)
        {
            var turn = (int)((uint)Interlocked.Increment(ref _count) % Instances.Length);
            Interlocked.Increment(ref _asked[turn]);
            using var response = await _http.GetAsync(new Uri(Instances[turn], context.Request.Path));
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(await response.Content.ReadAsStringAsync());
        }
    }
}
