namespace SecretFunctions.Core.Issuer;

/// <summary>How tokens and the keys that sign them live.</summary>
/// <param name="TokenLifetime">1 to 60 minutes, default 5.</param>
/// <param name="KeyBits">Of keys made from now on: 2048 (default), 3072 or 4096.</param>
/// <param name="RotationInterval">From one key's first signature to the next one's; default 90 days.</param>
/// <param name="PublishAhead">How long a key is published before it signs: 1 hour to 7 days, default 24 hours.</param>
public sealed record IssuerOptions(TimeSpan TokenLifetime, int KeyBits, TimeSpan RotationInterval, TimeSpan PublishAhead)
{
    public static readonly TimeSpan MinTokenLifetime = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan MaxTokenLifetime = TimeSpan.FromMinutes(60);

    public static readonly TimeSpan MinPublishAhead = TimeSpan.FromHours(1);

    public static readonly TimeSpan MaxPublishAhead = TimeSpan.FromDays(7);

    /// <summary>How long others may keep the published keys and the discovery document.</summary>
    public static readonly TimeSpan PublicationMaxAge = TimeSpan.FromMinutes(5);

    /// <summary>Between the clocks of two instances, or of an instance and a verifier.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a key that signs no more stays published. The longest lifetime there can be, not the one that is set: it may have been longer
    /// when the last token was made.
    /// </summary>
    public static readonly TimeSpan Retention = MaxTokenLifetime + PublicationMaxAge + ClockSkew;

    public static IssuerOptions Default { get; } = new(TimeSpan.FromMinutes(5), 2048, TimeSpan.FromDays(90), TimeSpan.FromHours(24));
}
