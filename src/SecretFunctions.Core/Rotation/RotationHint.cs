using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Rotation;

/// <summary>
/// Somebody says that a secret of a store changed. It is never believed as to what the secret is now: the worst a forged one does is a read that
/// was not needed. Immutable, compared by value.
/// </summary>
/// <param name="Provider">Whose credentials it concerns, by the provider's wire name.</param>
public abstract record RotationHint(string Provider)
{
    /// <summary>Whether a credential with these settings reaches the store the event came from. Where the event does not say, true.</summary>
    public abstract bool ConcernsStore(IReadOnlyDictionary<string, string> settings);

    /// <summary>Whether a reference names the secret the event is about, in any of the ways there are. Rather too many than too few.</summary>
    public abstract bool ConcernsSecret(SecretAddress address);
}

/// <summary>What a rotation event says, as far as we listen.</summary>
/// <param name="Hints">Empty for an event that is about something else.</param>
public sealed record RotationMessage(IReadOnlyList<RotationHint> Hints)
{
    /// <summary>Set where the sender first wants to know whether its events are wanted at all.</summary>
    public RotationHandshake? Handshake { get; init; }

    /// <summary>The subscription that delivers it, where the message names one.</summary>
    public string? Subscription { get; init; }
}

/// <param name="Code">To be sent back.</param>
/// <param name="Store">Matches the store that would send events; null where the sender is none we would listen to.</param>
public sealed record RotationHandshake(string Code, RotationHint? Store);

/// <summary>One kind of rotation event. A new one is a class in its cloud's folder and a line of registration. Safe for concurrent use.</summary>
public interface IRotationSource
{
    /// <summary>As in <c>/v1/events/{source}</c>.</summary>
    string Name { get; }

    /// <summary>Media types its deliveries come as.</summary>
    IReadOnlyList<string> MediaTypes { get; }

    /// <summary>Reads one delivery. No I/O. Details never repeat what was sent.</summary>
    Result<RotationMessage> Parse(ReadOnlyMemory<byte> json);
}
