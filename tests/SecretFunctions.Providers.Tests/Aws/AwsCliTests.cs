using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SecretFunctions.Testing.CloudDoubles.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>
/// The real AWS command line against the double. That it is let in shows that the double checks what AWS checks, so that a
/// client of ours which passes there would pass at AWS.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public sealed class AwsCliTests : IAsyncLifetime
{
    private readonly AwsDouble _aws = new(TimeProvider.System, https: false);

    private AwsDoubleKey User { get; set; } = null!;

    public async Task InitializeAsync()
    {
        await _aws.StartAsync();
        User = _aws.Identities.AddUser("cli");
        _aws.Secrets.Put("prod/openai", "sk-from-the-double");
        _aws.Secrets.Put("prod/stripe", "rk-1");
        _aws.Secrets.Put("test/openai", "sk-test");
    }

    public async Task DisposeAsync() => await _aws.DisposeAsync();

    [RequiresAwsCliFact]
    public void The_command_line_reads_a_secret() =>
        Succeed(User, "secretsmanager", "get-secret-value", "--secret-id", "prod/openai")
            .GetProperty("SecretString").GetString().ShouldBe("sk-from-the-double");

    [RequiresAwsCliFact]
    public void The_command_line_lists_by_name() =>
        Succeed(User, "secretsmanager", "list-secrets", "--filters", "Key=name,Values=prod/")
            .GetProperty("SecretList").EnumerateArray().Select(secret => secret.GetProperty("Name").GetString())
            .ShouldBe(["prod/openai", "prod/stripe"]);

    [RequiresAwsCliFact]
    public void The_command_line_sees_versions_and_stages()
    {
        var version = _aws.Secrets.Put("prod/openai", "sk-rotated");
        Succeed(User, "secretsmanager", "describe-secret", "--secret-id", "prod/openai")
            .GetProperty("VersionIdsToStages").GetProperty(version)[0].GetString().ShouldBe("AWSCURRENT");
    }

    [RequiresAwsCliFact]
    public void The_command_line_is_told_who_it_is() =>
        Succeed(User, "sts", "get-caller-identity").GetProperty("Arn").GetString().ShouldBe(User.Arn);

    [RequiresAwsCliFact]
    public void The_command_line_assumes_a_role_and_reads_as_it()
    {
        var role = _aws.Identities.AddRole("reader", User, "acme-1");
        var credentials = Succeed(User, "sts", "assume-role", "--role-arn", role.Arn, "--role-session-name", "cli", "--external-id", "acme-1")
            .GetProperty("Credentials");
        var session = new AwsDoubleKey(
            credentials.GetProperty("AccessKeyId").GetString()!, credentials.GetProperty("SecretAccessKey").GetString()!,
            credentials.GetProperty("SessionToken").GetString(), role.Arn, role.Permissions);

        Succeed(session, "secretsmanager", "get-secret-value", "--secret-id", "test/openai")
            .GetProperty("SecretString").GetString().ShouldBe("sk-test");
    }

    [RequiresAwsCliFact]
    public void The_command_line_with_a_wrong_key_is_refused()
    {
        var wrong = User with { SecretAccessKey = new string('w', 40) };
        Fail(wrong, "secretsmanager", "get-secret-value", "--secret-id", "prod/openai").ShouldContain("InvalidSignatureException");
        Fail(wrong, "sts", "get-caller-identity").ShouldContain("SignatureDoesNotMatch");
        Fail(User with { AccessKeyId = "AKIAUNKNOWN000000000" }, "sts", "get-caller-identity").ShouldContain("InvalidClientTokenId");
        Fail(User, "secretsmanager", "get-secret-value", "--secret-id", "missing").ShouldContain("ResourceNotFoundException");
    }

    private JsonElement Succeed(AwsDoubleKey key, params string[] arguments)
    {
        var (exitCode, output, error) = Run(key, arguments);
        exitCode.ShouldBe(0, error);
        using var document = JsonDocument.Parse(output);
        return document.RootElement.Clone();
    }

    private string Fail(AwsDoubleKey key, params string[] arguments)
    {
        var (exitCode, output, error) = Run(key, arguments);
        exitCode.ShouldNotBe(0, output);
        return error;
    }

    private (int ExitCode, string Output, string Error) Run(AwsDoubleKey key, string[] arguments)
    {
        var path = AwsCli.Path ?? throw new InvalidOperationException(AwsCli.Missing);
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = key.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = key.SecretAccessKey,
            ["AWS_DEFAULT_REGION"] = _aws.Region,
        };
        if (key.SessionToken is not null)
        {
            environment["AWS_SESSION_TOKEN"] = key.SessionToken;
        }

        return AwsCli.Run(path, [.. arguments, "--endpoint-url", _aws.Address.GetLeftPart(UriPartial.Authority), "--output", "json"], environment);
    }
}
