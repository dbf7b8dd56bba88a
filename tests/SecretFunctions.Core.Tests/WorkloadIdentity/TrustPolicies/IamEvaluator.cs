using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SecretFunctions.Core.Tests.WorkloadIdentity.TrustPolicies;

/// <summary>
/// As much of IAM as a role's trust policy for web identities needs. A condition key that the request lacks fails, an operator or an element
/// it does not know throws.
/// </summary>
internal sealed class IamEvaluator(JsonObject policy)
{
    /// <summary>Whether a token of this issuer gets a session: AWS asks for both actions, since our tokens carry tags.</summary>
    public bool Admits(string provider, string issuer, string audience, string subject)
    {
        var host = issuer["https://".Length..];
        var context = new Dictionary<string, string> { [$"{host}:aud"] = audience, [$"{host}:sub"] = subject };
        return new[] { "sts:AssumeRoleWithWebIdentity", "sts:TagSession" }.All(action => Statements.Any(statement => Allows(statement, provider, action, context)));
    }

    private IEnumerable<JsonObject> Statements
    {
        get
        {
            ((string?)policy["Version"]).ShouldBe("2012-10-17");
            return policy["Statement"]!.AsArray().Select(static statement => statement!.AsObject());
        }
    }

    private static bool Allows(JsonObject statement, string provider, string action, Dictionary<string, string> context)
    {
        statement.Select(static part => part.Key).ShouldBe(["Effect", "Principal", "Action", "Condition"], ignoreOrder: true);
        return (string?)statement["Effect"] == "Allow"
            && statement["Principal"]!.AsObject().ShouldHaveSingleItem() is ("Federated", var federated) && (string?)federated == provider
            && Texts(statement["Action"]).Contains(action)
            && statement["Condition"]!.AsObject().All(test => test.Value!.AsObject().All(
                key => context.TryGetValue(key.Key, out var value) && Texts(key.Value).Any(wanted => Matches(test.Key, wanted, value))));
    }

    private static bool Matches(string test, string wanted, string value) => test switch
    {
        "StringEquals" => Regex.IsMatch(value, $"^{Expression(wanted, wildcards: false)}\\z", RegexOptions.CultureInvariant),
        "StringLike" => Regex.IsMatch(value, $"^{Expression(wanted, wildcards: true)}\\z", RegexOptions.CultureInvariant),
        _ => throw new NotSupportedException(test),
    };

    /// <summary><c>${</c> begins a variable: <c>${$}</c>, <c>${*}</c> and <c>${?}</c> are those characters, and no other is known.</summary>
    private static string Expression(string wanted, bool wildcards) => string.Concat(Regex.Matches(wanted, @"\$\{(.*?)\}|.", RegexOptions.Singleline).Select(part =>
        part.Groups[1].Success ? part.Groups[1].Value is "$" or "*" or "?" ? Regex.Escape(part.Groups[1].Value) : throw new NotSupportedException(part.Value)
        : wildcards && part.Value is "*" or "?" ? part.Value == "*" ? ".*" : "."
        : Regex.Escape(part.Value)));

    private static IEnumerable<string> Texts(JsonNode? node) => node is JsonArray list ? list.Select(static text => (string)text!) : [(string)node!];
}
