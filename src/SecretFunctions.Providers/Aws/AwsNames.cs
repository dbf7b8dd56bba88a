using System.Text.RegularExpressions;

namespace SecretFunctions.Providers.Aws;

/// <summary>What names, versions, keys and roles look like, each with one sentence for what does not.</summary>
internal static partial class AwsNames
{
    /// <summary>Version ids are UUIDs, unless somebody chose their own; then the stage is how to pin.</summary>
    public static bool IsVersionId(string version) => Guid.TryParseExact(version, "D", out _);

    /// <summary>Whether names can begin like this: then it is worth asking.</summary>
    public static bool IsNamePrefix(string text) => NamePrefix().IsMatch(text);

    public static string? CheckSecret(string name) =>
        Name().IsMatch(name) || SecretArn().IsMatch(name) ? null
            : "A secret's name is 1 to 512 letters, digits and / _ + = . @ -, or it is the secret's ARN.";

    public static string? CheckVersion(string version) =>
        Stage().IsMatch(version) ? null : "A version is a version id (a UUID) or a stage of 1 to 256 characters without spaces: AWSCURRENT, AWSPREVIOUS.";

    public static string? CheckAccessKeyId(string text) =>
        AccessKeyId().IsMatch(text) ? null : "An access key id is 16 to 128 letters, digits and underscores; it begins with AKIA or ASIA.";

    public static string? CheckSecretAccessKey(string text) =>
        Printable().IsMatch(text) ? null : "A secret access key has no spaces or control characters; it is usually 40 characters long.";

    public static string? CheckSessionToken(string text) =>
        Printable().IsMatch(text) ? null : "A session token has no spaces or control characters.";

    public static string? CheckRole(string text) =>
        RoleArn().IsMatch(text) ? null : "A role is given by its ARN: arn:aws:iam::123456789012:role/NAME.";

    public static string? CheckExternalId(string text) =>
        ExternalId().IsMatch(text) ? null : "An external id is 2 to 1224 letters, digits and _ + = , . @ : / -.";

    public static string? CheckRegion(string text) =>
        AwsEndpoint.IsRegion(text) ? null : "A region is written like eu-west-1.";

    /// <summary>What CloudTrail will show as ours. 2 to 64 characters.</summary>
    public static string SessionName(string credential) => SessionName("secretfunctions-" + credential, suffix: "");

    /// <summary>In the characters that session names may have; what is too long loses its end before the suffix.</summary>
    public static string SessionName(string name, string suffix)
    {
        const int longest = 64;
        var room = longest - suffix.Length;
        return NotInSessionName().Replace(name.Length <= room ? name : name[..room], "-") + suffix;
    }

    /// <summary>The partition in an ARN that one of the checks above has accepted.</summary>
    public static string PartitionOf(string arn) => arn.Split(':')[1];

    [GeneratedRegex(@"^[A-Za-z0-9/_+=.@-]{1,512}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9/_+=.@-]{0,512}\z")]
    private static partial Regex NamePrefix();

    [GeneratedRegex(@"^(?=.{1,2048}\z)arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+\z")]
    private static partial Regex SecretArn();

    [GeneratedRegex(@"^[\x21-\x7e]{1,256}\z")]
    private static partial Regex Stage();

    [GeneratedRegex(@"^[A-Za-z0-9_]{16,128}\z")]
    private static partial Regex AccessKeyId();

    [GeneratedRegex(@"^[\x21-\x7e]{1,16384}\z")]
    private static partial Regex Printable();

    [GeneratedRegex(@"^(?=.{20,2048}\z)arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+\z")]
    private static partial Regex RoleArn();

    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@:/-]{2,1224}\z")]
    private static partial Regex ExternalId();

    [GeneratedRegex(@"[^A-Za-z0-9_+=,.@-]")]
    private static partial Regex NotInSessionName();
}
