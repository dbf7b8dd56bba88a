using SecretFunctions.Core.Access;

namespace SecretFunctions.Api.Events;

/// <summary>Event sources that this API treats in some way of their own.</summary>
public static class EventSources
{
    public const string EventGrid = "azure-event-grid";
    public const string PubSub = "gcp-pubsub";
}

/// <summary>Which clouds' own tokens are believed, by event source.</summary>
/// <param name="Organization">The name of the one that events with such a token concern.</param>
public sealed record EventTrust(string Organization, IReadOnlyDictionary<string, SenderTrust> Senders);

/// <param name="Claims">All of them must hold.</param>
public sealed record SenderTrust(TokenTrust Token, IReadOnlyList<ClaimRule> Claims)
{
    /// <summary>The only one that may deliver, whoever authenticated it; null where the source has none.</summary>
    public string? Subscription { get; init; }
}

/// <summary>The first of the claims that a token has must have this value.</summary>
public sealed record ClaimRule(IReadOnlyList<string> Names, string Value)
{
    internal bool Holds(VerifiedToken token) => Names.Select(token.Text).FirstOrDefault(static claim => claim is not null) == Value;
}
