using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>An IAM identity provider.</summary>
/// <param name="Issuer">Its URL, exactly.</param>
/// <param name="ClientIds">The audiences it lists.</param>
public sealed record AwsDoubleIdentityProvider(string Issuer, IReadOnlyList<string> ClientIds);

/// <summary>A role's trust policy for web identities.</summary>
/// <param name="Issuer">Of the provider that its Federated principal names.</param>
/// <param name="SubjectsLike">StringLike on <c>sub</c>, any of them: <c>*</c> and <c>?</c> are wildcards, case counts.</param>
/// <param name="Audience">StringEquals on <c>aud</c>; null: no such condition.</param>
public sealed record AwsDoubleWebTrust(string Issuer, IReadOnlyList<string> SubjectsLike, string? Audience = null)
{
    /// <summary>Whether its Action has sts:TagSession.</summary>
    public bool AllowsTags { get; init; } = true;

    public bool Matches(string subject, string audience) =>
        (Audience is null || Audience == audience)
        && SubjectsLike.Any(pattern => Regex.IsMatch(subject, $"^{Expression(pattern)}\\z", RegexOptions.Singleline | RegexOptions.CultureInvariant));

    private static string Expression(string pattern) => Regex.Escape(pattern)
        .Replace(@"\*", ".*", StringComparison.Ordinal)
        .Replace(@"\?", ".", StringComparison.Ordinal);
}

/// <summary>The claim AWS reads session tags from, checked as AWS checks it.</summary>
internal static partial class AwsDoubleTags
{
    private const int MaxTags = 50;

    /// <summary>Empty where the token has none.</summary>
    public static IReadOnlyDictionary<string, string> Read(JsonObject claims)
    {
        if (claims["https://aws.amazon.com/tags"] is not JsonObject { } tags)
        {
            return new Dictionary<string, string>();
        }

        if (tags["principal_tags"] is not JsonObject { Count: <= MaxTags } pairs)
        {
            throw Invalid();
        }

        var read = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in pairs)
        {
            // One value in a list: the nested form of the claim.
            if (value is not JsonArray { Count: 1 } values || (string?)values[0] is not { } text
                || !Key().IsMatch(key) || !Value().IsMatch(text) || Encoding.UTF8.GetByteCount(key) > 128 || !read.TryAdd(key, text))
            {
                throw Invalid();
            }
        }

        return tags["transitive_tag_keys"] is JsonArray transitive && !transitive.All(key => read.ContainsKey((string?)key ?? "")) ? throw Invalid() : read;
    }

    private static AwsDoubleException Invalid() => new("InvalidIdentityToken", "The tags claim in the token is not valid.");

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}\z")]
    private static partial Regex Value();
}
