using System.Globalization;
using System.Security;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>GetCallerIdentity and AssumeRole.</summary>
internal sealed class AwsDoubleSts(AwsDoubleIdentities identities, Action<string> record)
{
    public string Answer(byte[] body, AwsDoubleKey caller)
    {
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body));
        if (form.GetValueOrDefault("Version") != "2011-06-15")
        {
            throw new AwsDoubleException("InvalidAction", "Could not find operation for that version.");
        }

        return form.GetValueOrDefault("Action").ToString() switch
        {
            "GetCallerIdentity" => GetCallerIdentity(caller),
            "AssumeRole" => AssumeRole(form, caller),
            var action => throw new AwsDoubleException("InvalidAction", $"Could not find operation {action}."),
        };
    }

    private string GetCallerIdentity(AwsDoubleKey caller)
    {
        record("GetCallerIdentity");
        return Response("GetCallerIdentity",
            $"<Arn>{SecurityElement.Escape(caller.Arn)}</Arn><UserId>{caller.AccessKeyId}</UserId><Account>{AwsDoubleIdentities.Account}</Account>");
    }

    private string AssumeRole(Dictionary<string, StringValues> form, AwsDoubleKey caller)
    {
        var arn = form.GetValueOrDefault("RoleArn").ToString();
        var name = form.GetValueOrDefault("RoleSessionName").ToString();
        var seconds = form.TryGetValue("DurationSeconds", out var given) ? int.Parse(given.ToString(), CultureInfo.InvariantCulture) : 3600;
        record($"AssumeRole {arn} as {name}");
        if (arn.Length < 20 || name.Length is < 2 or > 64 || seconds is < 900 or > 43200)
        {
            throw new AwsDoubleException("ValidationError", "1 validation error detected");
        }

        // One answer for a missing role, a trust policy that names another, and another external id: so does AWS.
        var role = identities.FindRole(arn);
        var externalId = form.TryGetValue("ExternalId", out var id) ? id.ToString() : null;
        if (role is null || role.TrustedArn != caller.Arn || (role.ExternalId is not null && role.ExternalId != externalId))
        {
            throw new AwsDoubleException(
                "AccessDenied", $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: {arn}", 403);
        }

        var sessionArn = $"{arn.Replace(":iam:", ":sts:", StringComparison.Ordinal).Replace(":role/", ":assumed-role/", StringComparison.Ordinal)}/{name}";
        var session = identities.AddSession(sessionArn, TimeSpan.FromSeconds(seconds), role.Permissions);
        var expiration = session.ExpiresAt!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return Response("AssumeRole",
            $"<Credentials><AccessKeyId>{session.AccessKeyId}</AccessKeyId><SecretAccessKey>{session.SecretAccessKey}</SecretAccessKey>"
            + $"<SessionToken>{session.SessionToken}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
            + $"<AssumedRoleUser><Arn>{sessionArn}</Arn><AssumedRoleId>AROA:{name}</AssumedRoleId></AssumedRoleUser>");
    }

    private static string Response(string action, string result) =>
        $"""
        <{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <{action}Result>{result}</{action}Result>
          <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
        </{action}Response>
        """;
}
