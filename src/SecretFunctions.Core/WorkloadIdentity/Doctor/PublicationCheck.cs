using System.Globalization;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <summary>What a cloud does with an issuer before it believes a token of it, as far as that can be seen from here.</summary>
internal sealed class PublicationCheck(IIssuerProbe probe, FederationTarget cloud, DecodedToken token, TimeProvider time)
{
    /// <summary>AWS gives up about then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    /// <summary>A failure's code: what counts is what the cloud finds, and that may be seen differently from here.</summary>
    public const string NotPublic = "issuer.not_public";

    private readonly List<TestStep> _steps = [];
    private readonly List<(string What, TimeSpan Took)> _answers = [];

    /// <summary>In order; what makes no sense after a failure is left out.</summary>
    public IReadOnlyList<TestStep> Steps => _steps;

    /// <summary>By who answered for the issuer.</summary>
    public ClockReading? Clock { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var issuer = new Uri(token.Issuer);
        var reach = await probe.GetReachAsync(issuer, cancellationToken);
        var notPublic = CheckReach(issuer, reach);
        var looked = await GetAsync("discovery document", new Uri($"{token.Issuer}/.well-known/openid-configuration"), cancellationToken);
        if (looked.Failure is { Code: IIssuerProbe.Blocked } blocked && notPublic is not null)
        {
            Add("issuer", notPublic with { Detail = $"{notPublic.Detail} What it publishes was not looked at: {blocked.Detail}" });
            return;
        }

        Add("issuer", notPublic, reach == IssuerReach.Public ? token.Issuer : $"{token.Issuer} leads to a private address, which {cloud.DisplayName} must be able to reach.");
        if (!Understand(looked).TryGet(out var document, out var failure))
        {
            Add("discovery", failure);
            return;
        }

        Add("discovery", null);
        Add("algorithm", CheckAlgorithm(document));
        Add("keys", await CheckKeysAsync(document, cancellationToken), $"Key {token.KeyId} is published.");
        Add("response-time", CheckTime(), Describe(_answers));
    }

    private Failure? CheckReach(Uri issuer, IssuerReach reach) => reach switch
    {
        IssuerReach.Loopback => PublishedKeys.Unfit(
            "issuer.loopback",
            $"The issuer {token.Issuer} is this machine's own loopback address, where no cloud finds it.",
            "Set SecretFunctions:Issuer to the public https address of this service. For development, a tunnel with an https address will do."),
        IssuerReach.Private when !cloud.IsSelfHosted => PublishedKeys.Unfit(
            NotPublic,
            $"From here {issuer.Host} leads to a private address, and {cloud.DisplayName} fetches the issuer's keys over the internet.",
            "Make the service's discovery document and key set reachable at a public https address, and let SecretFunctions:Issuer be that."),
        IssuerReach.Nowhere => PublishedKeys.Unfit(
            IIssuerProbe.Unreachable,
            $"The name {issuer.Host} does not resolve from here.",
            "Check SecretFunctions:Issuer and the name's DNS records. Where only this network does not know the name, the exchange below shows whether the cloud does."),
        _ when issuer.Scheme != Uri.UriSchemeHttps => PublishedKeys.Unfit(
            "issuer.not_https", $"The issuer {token.Issuer} is plain http, which clouds do not trust.", "Set SecretFunctions:Issuer to the public https address of this service."),
        _ => null,
    };

    private async Task<Result<PublishedDocument>> GetAsync(string what, Uri address, CancellationToken cancellationToken)
    {
        var got = await probe.GetAsync(address, cancellationToken);
        if (got.TryGet(out var document, out _))
        {
            _answers.Add((what, document.Took));
            Clock ??= document.Date is { } date ? new ClockReading("the one at the issuer's address", date, time.GetUtcNow()) : null;
        }

        return got;
    }

    /// <summary>OpenID Connect Discovery 1.0 §4.3: the document must name the issuer it was asked of.</summary>
    private Result<JsonElement> Understand(Result<PublishedDocument> looked)
    {
        if (!looked.TryGet(out var answer, out var failure))
        {
            return failure;
        }

        var address = $"{token.Issuer}/.well-known/openid-configuration";
        if (CheckStatus(answer, address, "issuer.discovery_missing") is { } missing)
        {
            return missing;
        }

        if (UntrustedJson.TryParseObject(answer.Body) is not { } document || PublishedKeys.Text(document, "jwks_uri") is null)
        {
            return PublishedKeys.Unfit(
                "issuer.discovery_malformed", $"What {address} answers is no discovery document: a JSON object with 'issuer' and 'jwks_uri'.",
                "Something else answers at this address (a sign-in page, a gateway), or something in between changes the answer.");
        }

        var named = PublishedKeys.Text(document, "issuer");
        return named == token.Issuer
            ? document
            : PublishedKeys.Unfit(
                "issuer.mismatch",
                $"The token's issuer is {token.Issuer}, and the discovery document there names {PublishedKeys.Shorten(named)}.",
                "They are compared letter by letter, a slash at the end too. Another deployment answers at this address, something in between keeps an old copy, or instances differ in SecretFunctions:Issuer.");
    }

    private static Failure? CheckStatus(PublishedDocument answer, string address, string code) => answer.Status == 200 ? null : PublishedKeys.Unfit(
        code,
        $"{address} answers with status {answer.Status}.",
        answer.Status switch
        {
            >= 300 and < 400 => "Clouds look at this very address and do not have to follow redirects: answer there.",
            401 or 403 => "Something before the service asks who calls (a gateway, a firewall, a bot check). Both documents are public: let /.well-known through.",
            404 => "Something else answers at this address, or what stands before the service does not pass /.well-known on.",
            _ => "The service, or a gateway before it, is in trouble. See its log.",
        });

    private Failure? CheckAlgorithm(JsonElement document)
    {
        var listed = document.TryGetProperty("id_token_signing_alg_values_supported", out var values) && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray().Where(static value => value.ValueKind == JsonValueKind.String).Select(static value => value.GetString()!).ToArray()
            : [];
        return token.Algorithm == "RS256" && listed.Contains(token.Algorithm)
            ? null
            : PublishedKeys.Unfit(
                "issuer.algorithm",
                $"The token is signed with {token.Algorithm}, and the discovery document lists {PublishedKeys.Shorten(listed.Length == 0 ? "nothing" : string.Join(", ", listed))}; clouds take RS256.",
                "Another deployment answers at this address, or something in between changes the answer.");
    }

    private async Task<Failure?> CheckKeysAsync(JsonElement document, CancellationToken cancellationToken)
    {
        var text = PublishedKeys.Shorten(PublishedKeys.Text(document, "jwks_uri"));
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && token.Issuer.StartsWith("https:", StringComparison.Ordinal)))
        {
            return PublishedKeys.Unfit(
                "issuer.keys_not_https", $"The discovery document's jwks_uri is {text}, which is no https address.", "Something in between changes the answer: a proxy that ends TLS must leave the document as it is.");
        }

        return !(await GetAsync("key set", address, cancellationToken)).TryGet(out var answer, out var failure)
            ? failure
            : CheckStatus(answer, text, "issuer.keys_missing") ?? PublishedKeys.Check(answer.Body, token.KeyId, address);
    }

    private Failure? CheckTime()
    {
        var slowest = _answers.MaxBy(static answer => answer.Took);
        return slowest.Took <= Patience ? null : PublishedKeys.Unfit(
            "issuer.slow",
            $"The {slowest.What} took {Seconds(slowest.Took)}; clouds give up after about {Seconds(Patience)}.",
            "Let an instance run all the time, or put a cache before /.well-known: both documents may be kept for five minutes.");
    }

    private static string Describe(IReadOnlyCollection<(string What, TimeSpan Took)> answers) =>
        string.Join(", ", answers.Select(static answer => $"{answer.What} {Seconds(answer.Took)}"))
        + (answers.Any(static answer => answer.Took > Slow) ? $". That is slow: clouds give up after about {Seconds(Patience)}." : ".");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    private void Add(string name, Failure? failure, string? note = null) => _steps.Add(new TestStep(name, failure, failure is null ? note : null));
}
