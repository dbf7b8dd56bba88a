using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using SecretFunctions.Core;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>The Security Token Service, as far as we need it: form in, XML out.</summary>
internal sealed class StsClient(AwsClient client)
{
    private const string Form = "application/x-www-form-urlencoded; charset=utf-8";

    /// <summary>The default of AWS, the least any role allows, and the most for a role assumed from a role's session (role chaining).</summary>
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(1);

    /// <summary>Whose keys these are: an ARN. Nobody can be denied this call.</summary>
    public async Task<Result<string>> GetCallerIdentityAsync(AwsKeys keys, CancellationToken cancellationToken) =>
        await SendAsync("GetCallerIdentity", "authenticate", new FormBody(), keys, static body => Required(AwsXml.Load(body), "Arn"), cancellationToken);

    public async Task<Result<AwsKeys>> AssumeRoleAsync(
        AwsKeys keys, string roleArn, string? externalId, string sessionName, CancellationToken cancellationToken)
    {
        var fields = Assume(roleArn, sessionName);
        if (externalId is not null)
        {
            fields.Add("ExternalId", externalId);
        }

        return await SendAsync("AssumeRole", $"assume the role {roleArn}", fields, keys, ReadSession, cancellationToken);
    }

    /// <summary>Unsigned: the token is the proof.</summary>
    public async Task<Result<AwsKeys>> AssumeRoleWithWebIdentityAsync(SubjectToken token, string roleArn, CancellationToken cancellationToken)
    {
        if (WebIdentity.Check(token) is { } refused)
        {
            return refused;
        }

        var fields = Assume(roleArn, WebIdentity.SessionName(token)).Add("WebIdentityToken", token.Reveal());
        return await SendAsync(WebIdentity.Operation, $"assume the role {roleArn} with a web identity", fields, keys: null, ReadSession, cancellationToken);
    }

    private static FormBody Assume(string roleArn, string sessionName) => new FormBody()
        .Add("RoleArn", roleArn)
        .Add("RoleSessionName", sessionName)
        .Add("DurationSeconds", SessionLifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture));

    /// <param name="fields">Disposed here: there may be a token in them.</param>
    private async Task<Result<T>> SendAsync<T>(
        string action, string doing, FormBody fields, AwsKeys? keys, AwsAnswerReader<T> read, CancellationToken cancellationToken)
    {
        using (fields)
        {
            fields.Add("Action", action).Add("Version", "2011-06-15");
            return await client.SendAsync(new AwsCall(action, doing, Form, fields.Written), keys, read, cancellationToken);
        }
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
