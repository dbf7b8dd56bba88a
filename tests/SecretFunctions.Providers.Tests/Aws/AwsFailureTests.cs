using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>Every row of the failure table, as the wire brings it; and, where the double has the condition, by causing it.</summary>
public sealed class AwsFailureTests : AwsTest
{
    public static TheoryData<string, string, int, string, string> SecretsManagerRows => new()
    {
        { "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400, ProviderFailure.SecretNotFound, "region" },
        { "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSPENDING", 400, ProviderFailure.VersionNotFound, "list-secret-version-ids" },
        { "AccessDeniedException", "User: x is not authorized to perform: secretsmanager:GetSecretValue", 400, ProviderFailure.PermissionDenied, "Grant secretsmanager:GetSecretValue" },
        { "AccessDeniedException", "Access to KMS is not allowed", 400, ProviderFailure.PermissionDenied, "kms:Decrypt" },
        { "InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.", 400, ProviderFailure.SecretDisabled, "restore-secret" },
        { "InvalidRequestException", "You can't perform this operation on the secret because it was deleted.", 400, ProviderFailure.SecretDisabled, "restore-secret" },
        { "InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.", 400, ProviderFailure.InvalidRequest, "version" },
        { "DecryptionFailure", "Secrets Manager can't decrypt", 400, ProviderFailure.SecretDisabled, "enable-key" },
        { "InvalidParameterException", "Invalid name.", 400, ProviderFailure.InvalidRequest, "name" },
        { "InvalidNextTokenException", "", 400, ProviderFailure.InvalidRequest, "again" },
        { "ThrottlingException", "Rate exceeded", 400, ProviderFailure.Throttled, "cacheTtlSeconds" },
        { "TooManyRequestsException", "", 429, ProviderFailure.Throttled, "cacheTtlSeconds" },
        { "InvalidClientTokenId", "", 403, ProviderFailure.AuthenticationFailed, "get-caller-identity" },
        { "UnrecognizedClientException", "", 400, ProviderFailure.AuthenticationFailed, "partition" },
        { "ExpiredTokenException", "", 400, ProviderFailure.AuthenticationFailed, "Temporary keys" },
        { "InvalidSignatureException", "The request signature we calculated does not match", 400, ProviderFailure.AuthenticationFailed, "create-access-key" },
        { "InvalidSignatureException", "Signature expired: 20260102T030405Z is now earlier than 20260102T031000Z", 400, ProviderFailure.AuthenticationFailed, "clock" },
        { "InvalidSignatureException", "Signature not yet current: 20260102T030405Z", 400, ProviderFailure.AuthenticationFailed, "clock" },
        { "RequestTimeTooSkewed", "", 403, ProviderFailure.AuthenticationFailed, "clock" },
        { "MissingAuthenticationTokenException", "", 400, ProviderFailure.AuthenticationFailed, "proxy" },
        { "OptInRequired", "", 403, ProviderFailure.AuthenticationFailed, "Enable the region" },
        { "InternalServiceError", "", 500, ProviderFailure.Unreachable, "health.aws" },
        { "InternalServiceError", "", 400, ProviderFailure.Unreachable, "health.aws" },
        { "InternalFailure", "", 500, ProviderFailure.Unreachable, "health.aws" },
        { "ServiceUnavailable", "", 503, ProviderFailure.Unreachable, "health.aws" },
        { "SomethingNewException", "", 400, ProviderFailure.InvalidRequest, "documentation" },
        { "SomethingNewException", "", 502, ProviderFailure.Unreachable, "health.aws" },
        { "SomethingNewException", "", 429, ProviderFailure.Throttled, "cacheTtlSeconds" },
    };

    public static TheoryData<string, string, int, string, string> SecurityTokenServiceRows => new()
    {
        { "AccessDenied", "User: x is not authorized to perform: sts:AssumeRole", 403, ProviderFailure.TrustRejected, "sts:AssumeRole" },
        { "InvalidClientTokenId", "", 403, ProviderFailure.AuthenticationFailed, "get-caller-identity" },
        { "SignatureDoesNotMatch", "The request signature we calculated", 403, ProviderFailure.AuthenticationFailed, "create-access-key" },
        { "SignatureDoesNotMatch", "Signature expired: 2026", 403, ProviderFailure.AuthenticationFailed, "clock" },
        { "ExpiredToken", "", 403, ProviderFailure.AuthenticationFailed, "Temporary keys" },
        { "RegionDisabledException", "", 403, ProviderFailure.AuthenticationFailed, "enable-region" },
        { "MalformedPolicyDocument", "", 400, ProviderFailure.InvalidRequest, "role ARN" },
        { "PackedPolicyTooLarge", "", 400, ProviderFailure.InvalidRequest, "role ARN" },
        { "ValidationError", "", 400, ProviderFailure.InvalidRequest, "external id" },
        { "Throttling", "Rate exceeded", 400, ProviderFailure.Throttled, "cacheTtlSeconds" },
    };

    [Theory]
    [MemberData(nameof(SecretsManagerRows))]
    public async Task A_refusal_of_Secrets_Manager_has_one_failure(string code, string message, int status, string failure, string hint)
    {
        Aws.RefuseNext(code, message, status);
        Check(await FailAsync(Open(), At("openai")), code, failure, hint, message);
    }

    [Theory]
    [MemberData(nameof(SecurityTokenServiceRows))]
    public async Task A_refusal_of_the_token_service_has_one_failure(string code, string message, int status, string failure, string hint)
    {
        var role = Aws.Identities.AddRole("reader", Fixture.User);
        Aws.RefuseNextSts(code, message, status);
        Check(await FailAsync(Fixture.Provider.Open(Fixture.ConnectWith(Fixture.User, role)), At("openai")), code, failure, hint, message);
    }

    [Theory]
    [InlineData("com.amazonaws.secretsmanager#ResourceNotFoundException")]
    [InlineData("ResourceNotFoundException:http://internal.amazon.com/coral/com.amazon.coral.service/")]
    [InlineData("namespace#ResourceNotFoundException:more")]
    public async Task A_code_is_freed_of_namespace_and_address(string type)
    {
        Aws.RefuseNext(type, "Secrets Manager can't find the specified secret.");
        var failure = await FailAsync(Open(), At("openai"));
        failure.Code.ShouldBe(ProviderFailure.SecretNotFound);
        failure.ProviderCode.ShouldBe("ResourceNotFoundException");
    }

    [Fact]
    public async Task A_code_in_the_header_alone_is_enough()
    {
        Aws.Faults.Next(static context =>
        {
            context.Response.StatusCode = 400;
            context.Response.Headers["x-amzn-ErrorType"] = "ThrottlingException:http://x/";
            context.Response.Headers.RetryAfter = "3";
            return Task.CompletedTask;
        });
        var failure = await FailAsync(Open(), At("openai"));
        failure.Code.ShouldBe(ProviderFailure.Throttled);
        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData(200, "<html>hotel</html>")]
    [InlineData(200, "")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"ARN":1}""")]
    [InlineData(200, """{"ARN":"a","Name":"openai","VersionId":"v"}""")]
    [InlineData(200, """{"ARN":"a","Name":"openai","VersionId":"v","SecretString":"\ud800 half a pair"}""")]
    [InlineData(200, """{"ARN":"a","Name":"openai","VersionId":"v","SecretString":"kept from you","Unfinished":""")]
    [InlineData(403, "<html>proxy</html>")]
    [InlineData(404, "")]
    [InlineData(400, """{"__type":"<script>"}""")]
    public async Task What_is_not_an_answer_of_AWS_is_said_to_be_none(int status, string body)
    {
        Aws.Faults.AnswerNext(status, body);
        var failure = await FailAsync(Open(), At("openai"));
        failure.Code.ShouldBe(ProviderFailure.Unreachable);
        failure.ProviderCode.ShouldBeNull();
        failure.ToString().ShouldNotContain("kept from you");
        failure.ToString().ShouldNotContain("hotel");
    }

    [Fact]
    public async Task A_wrong_clock_is_named_on_both_sides()
    {
        Aws.Secrets.Put("openai", "sk-1");
        foreach (var by in (TimeSpan[])[TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(-6)])
        {
            var wrong = new ShiftedClock(new SecretFunctions.Testing.TestClock(), by);
            var options = new SecretFunctions.Providers.Http.ProviderHttpOptions
            {
                EndpointOverrides = { ["aws-sts"] = Aws.Address, ["aws-secretsmanager"] = Aws.Address },
                TrustedRootsFile = SecretFunctions.Testing.CloudDoubles.TestCertificates.RootFile,
            };
            using var http = new SecretFunctions.Providers.Http.ProviderHttp(options);
            var store = new AwsSecretsManagerProvider(http, wrong, Logs).Open(Fixture.Connect());
            (await FailAsync(store, At("openai"))).Hint!.ShouldContain("clock");
            (await store.AuthenticateAsync(CancellationToken.None)).Failure!.Hint!.ShouldContain("clock");
        }
    }

    [Fact]
    public async Task What_was_scheduled_for_deletion_is_disabled_for_reads_and_for_versions()
    {
        Aws.Secrets.Put("gone", "sk-1");
        Aws.Secrets.ScheduleDeletion("gone");
        var store = Open();
        (await FailAsync(store, At("gone"))).Code.ShouldBe(ProviderFailure.SecretDisabled);
        (await ((IVersionReader)store).GetVersionAsync(At("gone"), CancellationToken.None)).Failure!.Code.ShouldBe(ProviderFailure.SecretDisabled);
    }

    [Fact]
    public async Task Keys_of_KMS_that_refuse_or_are_disabled_are_told_apart()
    {
        Aws.Secrets.Put("refused", "sk-1");
        Aws.Secrets.Put("disabled", "sk-1");
        Aws.Secrets.DenyKms("refused");
        Aws.Secrets.DisableKey("disabled");
        (await FailAsync(Open(), At("refused"))).Hint!.ShouldContain("kms:Decrypt");
        (await FailAsync(Open(), At("disabled"))).Code.ShouldBe(ProviderFailure.SecretDisabled);
    }

    [Fact]
    public async Task Permission_counts_for_each_secret()
    {
        Aws.Secrets.Put("mine", "sk-1");
        Aws.Secrets.Put("theirs", "sk-2");
        Fixture.User.Permissions.Deny("secretsmanager:GetSecretValue", "theirs");
        (await ReadAsync(Open(), At("mine"))).ShouldBe("sk-1");
        (await FailAsync(Open(), At("theirs"))).Code.ShouldBe(ProviderFailure.PermissionDenied);
    }

    [Fact]
    public void Every_row_of_the_table_can_be_reached()
    {
        // A row after a more general one would never hold.
        var rows = AwsFailureTable.Rows;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            rows.Take(i).ShouldNotContain(
                earlier => earlier.MessageContains == "" && earlier.Operation == null && row.Codes.All(code => earlier.Codes.Contains(code)),
                $"Row {i}: {row.Detail}");
        }
    }

    private static void Check(Failure failure, string providerCode, string code, string hint, string message)
    {
        failure.Code.ShouldBe(code, failure.ToString());
        failure.ProviderCode.ShouldBe(providerCode);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint, Case.Insensitive);
        (failure.Detail + failure.Hint).ShouldNotContain("{");
        if (message.Length > 0)
        {
            failure.ToString().ShouldNotContain(message);
        }
    }

    private sealed class ShiftedClock(TimeProvider clock, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + by;
    }
}
