using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>AssumeRoleWithWebIdentity: unsigned, with a token that is verified as AWS does.</summary>
internal sealed partial class AwsDoubleWebIdentity(AwsDoubleIdentities identities, FederatedTokens tokens, Action<string> record)
{
    private const string Action = "AssumeRoleWithWebIdentity";

    /// <summary>Null where the body asks for something else.</summary>
    public async Task<string?> TryAnswerAsync(byte[] body)
    {
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body));
        return form.GetValueOrDefault("Action") == Action && form.GetValueOrDefault("Version") == "2011-06-15" ? await AnswerAsync(form) : null;
    }

    private async Task<string> AnswerAsync(Dictionary<string, StringValues> form)
    {
        var arn = form.GetValueOrDefault("RoleArn").ToString();
        var name = form.GetValueOrDefault("RoleSessionName").ToString();
        var token = form.GetValueOrDefault("WebIdentityToken").ToString();
        var seconds = form.TryGetValue("DurationSeconds", out var given) ? int.Parse(given.ToString(), CultureInfo.InvariantCulture) : 3600;
        record($"{Action} {arn} as {name}");
        if (arn.Length is < 20 or > 2048 || !SessionName().IsMatch(name) || token.Length is < 4 or > 20000 || seconds is < 900 or > 43200)
        {
            throw new AwsDoubleException("ValidationError", "1 validation error detected");
        }

        var verdict = await VerifyAsync(token);
        var role = identities.FindRole(arn);
        var trust = role?.WebTrust;
        if (trust is null || trust.Issuer != verdict.Issuer || !trust.Matches(verdict.Subject, verdict.Audience))
        {
            throw new AwsDoubleException("AccessDenied", $"Not authorized to perform sts:{Action}", 403);
        }

        var tags = AwsDoubleTags.Read(verdict.Claims);
        if (tags.Count > 0 && !trust.AllowsTags)
        {
            throw new AwsDoubleException("AccessDenied", "Not authorized to perform sts:TagSession", 403);
        }

        var sessionArn = $"{arn.Replace(":iam:", ":sts:", StringComparison.Ordinal).Replace(":role/", ":assumed-role/", StringComparison.Ordinal)}/{name}";
        var session = identities.AddSession(sessionArn, TimeSpan.FromSeconds(seconds), role!.PermissionsOf(verdict.Subject), verdict.Subject, tags);
        return Response(session, verdict);
    }

    private async Task<TokenVerdict> VerifyAsync(string token)
    {
        var claimed = FederatedTokens.Peek(token);
        if (claimed.Flaw == TokenFlaw.Malformed)
        {
            throw Invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
        }

        var provider = identities.FindProvider(claimed.Issuer)
            ?? throw Invalid($"No OpenIDConnect provider found in your account for {claimed.Issuer}");
        var verdict = await tokens.VerifyAsync(token, provider.Issuer, [.. provider.ClientIds], TokenLeeway.None);
        return verdict.Flaw switch
        {
            TokenFlaw.None when verdict.Subject.Length is >= 6 and <= 255 => verdict,
            TokenFlaw.None => throw Invalid("The subject has a length that is not accepted."),
            TokenFlaw.Unreachable or TokenFlaw.KeyUnknown => throw Invalid("Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements"),
            TokenFlaw.Expired => throw new AwsDoubleException("ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time"),
            TokenFlaw.Audience => throw Invalid("Incorrect token audience"),
            _ => throw Invalid("Provided token is not valid."),
        };
    }

    private static string Response(AwsDoubleKey session, TokenVerdict verdict)
    {
        var expiration = session.ExpiresAt!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return $"""
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult>
                <SubjectFromWebIdentityToken>{SecurityElement.Escape(verdict.Subject)}</SubjectFromWebIdentityToken>
                <Audience>{SecurityElement.Escape(verdict.Audience)}</Audience>
                <AssumedRoleUser><Arn>{session.Arn}</Arn><AssumedRoleId>AROA:session</AssumedRoleId></AssumedRoleUser>
                <Credentials><AccessKeyId>{session.AccessKeyId}</AccessKeyId><SecretAccessKey>{session.SecretAccessKey}</SecretAccessKey>
                  <SessionToken>{session.SessionToken}</SessionToken><Expiration>{expiration}</Expiration></Credentials>
                <Provider>{SecurityElement.Escape(verdict.Issuer)}</Provider>
              </AssumeRoleWithWebIdentityResult>
              <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
            </AssumeRoleWithWebIdentityResponse>
            """;
    }

    private static AwsDoubleException Invalid(string message) => new("InvalidIdentityToken", message);

    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@-]{2,64}\z")]
    private static partial Regex SessionName();
}
