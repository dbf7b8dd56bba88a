namespace SecretFunctions.Providers.Http;

/// <summary>Rules that fields of several stores share, for <c>ProviderField.Check</c>: null, or one sentence, which does not repeat the value.</summary>
internal static class FieldChecks
{
    /// <summary>What goes into a header as it stands. A line break at the end, from a careless paste, is the usual mistake.</summary>
    public static string? Token(string text) =>
        text.All(c => c is > ' ' and < '\u007f') ? null : "It has a space, a line break or a character outside ASCII; copy it again.";

    /// <summary>A path below a store's address: <c>secret</c>, <c>team/kv</c>.</summary>
    public static string? Path(string text) =>
        text.Any(char.IsControl) ? "It has a control character."
        : text.Trim('/').Length == 0 || text.Trim('/').Contains("//", StringComparison.Ordinal) ? "It has an empty segment."
        : StoreAddress.HasDotSegment(text) ? "It has a segment of dots."
        : null;
}
