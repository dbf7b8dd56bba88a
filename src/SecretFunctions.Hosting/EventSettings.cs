using SecretFunctions.Api.Events;
using SecretFunctions.Core;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Google;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Hosting;

/// <summary>Tokens that clouds sign for their rotation events: <c>SecretFunctions:Events:*</c>. API keys need no settings.</summary>
public sealed class EventSettings
{
    private const string Section = $"{SecretFunctionsOptions.Section}:Events";

    /// <summary>Whom events with a cloud's token concern. An API key is of an organization of its own.</summary>
    public string Organization { get; set; } = Deployment.DefaultOrganization;

    /// <summary>Event Grid: the directory's id.</summary>
    public string? EntraTenantId { get; set; }

    /// <summary>Event Grid: the application the event subscription delivers to, by its id or its URI.</summary>
    public string? EntraAudience { get; set; }

    /// <summary>Event Grid: the application that delivers, by its id. Left out, any application of the directory that gets a token for the audience may.</summary>
    public string? EntraClientId { get; set; }

    /// <summary>Pub/Sub: the push subscription's audience.</summary>
    public string? PubSubAudience { get; set; }

    /// <summary>Pub/Sub: the push subscription's service account, by e-mail.</summary>
    public string? PubSubServiceAccount { get; set; }

    /// <summary>Pub/Sub: <c>projects/P/subscriptions/S</c>.</summary>
    public string? PubSubSubscription { get; set; }

    /// <summary>Everything that is wrong, a sentence each; never a value.</summary>
    internal IEnumerable<string> Validate()
    {
        if (!Slug.TryParse(Organization, out _))
        {
            yield return $"{Section}:Organization must be an organization's name.";
        }

        if (EntraTenantId is null != EntraAudience is null)
        {
            yield return $"{Section}:EntraTenantId and EntraAudience belong together: set both or neither.";
        }

        if (EntraTenantId is not null && !Guid.TryParseExact(EntraTenantId, "D", out _))
        {
            yield return $"{Section}:EntraTenantId must be the directory's id, a GUID.";
        }

        if (EntraClientId is not null && EntraTenantId is null)
        {
            yield return $"{Section}:EntraClientId means nothing without EntraTenantId.";
        }

        if (new[] { PubSubAudience, PubSubServiceAccount, PubSubSubscription }.Count(static setting => setting is null) is 1 or 2)
        {
            yield return $"{Section}:PubSubAudience, PubSubServiceAccount and PubSubSubscription belong together: set all or none.";
        }
    }

    internal EventTrust ToTrust(ProviderHttp http)
    {
        var senders = new Dictionary<string, SenderTrust>(StringComparer.Ordinal);
        if (EntraTenantId is not null && EntraAudience is not null)
        {
            // The claim is 'azp' in tokens of version 2 and 'appid' in those of version 1.
            senders[EventSources.EventGrid] = new SenderTrust(
                EntraTokens.Trust(http, EntraTenantId.ToLowerInvariant(), EntraAudience),
                EntraClientId is null ? [] : [new ClaimRule(["azp", "appid"], EntraClientId)]);
        }

        if (PubSubAudience is not null && PubSubServiceAccount is not null)
        {
            senders[EventSources.PubSub] = new SenderTrust(
                GoogleTokens.Trust(http, PubSubAudience), [new ClaimRule(["email"], PubSubServiceAccount), new ClaimRule(["email_verified"], "true")])
            {
                Subscription = PubSubSubscription,
            };
        }

        return new EventTrust(Organization, senders);
    }
}
