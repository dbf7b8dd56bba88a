namespace SecretFunctions.Core.Audit;

/// <summary>How far a chain has come: its last event, or the one it goes on from.</summary>
/// <param name="Chain">Its id: the process that writes it, and a number.</param>
/// <param name="Number">Of the event, from 1 on; 0 before the first.</param>
/// <param name="Hash">Of the event; <see cref="EventHash.None"/> before the first.</param>
/// <param name="At">Of its row.</param>
internal sealed record ChainHead(string Chain, long Number, string Hash, DateTimeOffset At)
{
    public static ChainHead Start(string chain, DateTimeOffset at) => new(chain, 0, EventHash.None, at);
}
