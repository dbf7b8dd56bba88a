using System.Diagnostics;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// A token a store gave us. A string, since HTTP headers are; a class and not a record, since records print themselves.
/// </summary>
/// <param name="value">As the header wants it.</param>
/// <param name="renewAt">From then on it is not used any more, some time before the store refuses it.</param>
[DebuggerDisplay("[redacted]")]
internal sealed class StoreToken(string value, DateTimeOffset renewAt)
{
    public DateTimeOffset RenewAt => renewAt;

    public string Reveal() => value;

    public override string ToString() => "[redacted]";
}
