using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using SecretFunctions.Core;

namespace SecretFunctions.Providers.Aws;

/// <summary>The Security Token Service, as far as we need it: form in, XML out.</summary>
internal sealed class StsClient(AwsClient client)
{
    private const string Form = "application/x-www-form-urlencoded; charset=utf-8";

    /// <summary>The default of AWS, and the most a role assumed from a role's session may have (role chaining).</summary>
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(1);

    /// <summary>Whose keys these are: an ARN. Nobody can be denied this call.</summary>
    public async Task<Result<string>> GetCallerIdentityAsync(AwsKeys keys, CancellationToken cancellationToken) =>
        await client.SendAsync(
            Call("GetCallerIdentity", "authenticate", []),
            keys,
            static body => Required(AwsXml.Load(body), "Arn"),
            cancellationToken);

    public async Task<Result<AwsKeys>> AssumeRoleAsync(
        AwsKeys keys, string roleArn, string? externalId, string sessionName, CancellationToken cancellationToken)
    {
        var fields = new List<(string, string)>
        {
            ("RoleArn", roleArn),
            ("RoleSessionName", sessionName),
            ("DurationSeconds", SessionLifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
        };
        if (externalId is not null)
        {
            fields.Add(("ExternalId", externalId));
        }

        return await client.SendAsync(Call("AssumeRole", $"assume the role {roleArn}", fields), keys, ReadSession, cancellationToken);
    }

    private static AwsCall Call(string action, string doing, IReadOnlyList<(string Name, string Value)> fields)
    {
        var form = new StringBuilder($"Action={action}&Version=2011-06-15");
        foreach (var (name, value) in fields)
        {
            form.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return new AwsCall(action, doing, Form, Encoding.UTF8.GetBytes(form.ToString()));
    }

    private static AwsKeys ReadSession(ReadOnlyMemory<byte> body)
    {
        var answer = AwsXml.Load(body);
        return new AwsKeys(
            Required(answer, "AccessKeyId"),
            Required(answer, "SecretAccessKey"),
            Required(answer, "SessionToken"),
            XmlConvert.ToDateTimeOffset(Required(answer, "Expiration")));
    }

    private static string Required(XElement answer, string name) =>
        AwsXml.Text(answer, name) is { Length: > 0 } text ? text : throw new FormatException("An element is missing.");
}
