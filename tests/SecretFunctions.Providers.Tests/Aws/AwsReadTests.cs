using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Tests.Aws;

public sealed class AwsReadTests : AwsTest
{
    [Fact]
    public async Task A_version_pins_by_id_and_by_stage()
    {
        var first = Aws.Secrets.Put("openai", "sk-1");
        Aws.Secrets.Put("openai", "sk-2");
        Aws.Secrets.PutPending("openai", "sk-3");
        var store = Open();
        (await ReadAsync(store, At("openai"))).ShouldBe("sk-2");
        (await ReadAsync(store, At("openai", first))).ShouldBe("sk-1");
        (await ReadAsync(store, At("openai", "AWSPREVIOUS"))).ShouldBe("sk-1");
        (await ReadAsync(store, At("openai", "AWSPENDING"))).ShouldBe("sk-3");
        (await FailAsync(store, At("openai", "NOSUCHSTAGE"))).Code.ShouldBe(ProviderFailure.VersionNotFound);
    }

    [Fact]
    public async Task Versions_follow_what_is_pinned()
    {
        var first = Aws.Secrets.Put("openai", "sk-1");
        var second = Aws.Secrets.Put("openai", "sk-2");
        var third = Aws.Secrets.Put("openai", "sk-3");
        var versions = (IVersionReader)Open();
        (await VersionAsync(versions, null)).ShouldBe(third);
        (await VersionAsync(versions, "AWSPREVIOUS")).ShouldBe(second);
        (await VersionAsync(versions, first)).ShouldBe(first); // without a stage, and still readable
        (await versions.GetVersionAsync(At("openai", "NOSUCHSTAGE"), CancellationToken.None)).Failure!.Code.ShouldBe(ProviderFailure.VersionNotFound);
        Aws.Requests.ShouldAllBe(request => request == "DescribeSecret openai");
    }

    [Fact]
    public async Task A_secret_without_a_value_has_no_version()
    {
        Aws.Secrets.CreateEmpty("new");
        (await FailAsync(Open(), At("new"))).Code.ShouldBe(ProviderFailure.VersionNotFound);
    }

    [Fact]
    public async Task Bytes_come_as_base64_as_the_command_line_prints_them()
    {
        Aws.Secrets.PutBinary("keystore", [0, 255, 128, 1]);
        (await ReadAsync(Open(), At("keystore"))).ShouldBe("AP+AAQ==");
    }

    [Fact]
    public async Task A_secret_is_found_by_its_ARN_with_and_without_suffix()
    {
        Aws.Secrets.Put("prod/db", "sk-1");
        var arn = Aws.Secrets.ArnOf("prod/db");
        (await ReadAsync(Open(), At(arn))).ShouldBe("sk-1");
        (await ReadAsync(Open(), At(arn[..^7]))).ShouldBe("sk-1");
    }

    [Fact]
    public async Task A_batch_is_one_request_in_the_order_of_its_questions()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            Aws.Secrets.Put(name, $"value of {name}");
        }

        var arn = Aws.Secrets.ArnOf("b");
        var batch = (IBatchReader)Open();
        var results = await batch.ReadBatchAsync([At("c"), At(arn), At("b"), At(arn[..^7]), At("a")], CancellationToken.None);

        results.Select(result => result.TryGet(out var payload, out _) ? Text(payload) : "none")
            .ShouldBe(["value of c", "value of b", "value of b", "value of b", "value of a"]);
        Aws.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_batch_goes_on_over_several_pages()
    {
        Aws.Secrets.PageSize = 3;
        var names = Enumerable.Range(0, 20).Select(i => $"s{i}").ToList();
        names.ForEach(name => Aws.Secrets.Put(name, name));
        var results = await ((IBatchReader)Open()).ReadBatchAsync([.. names.Select(name => At(name))], CancellationToken.None);
        results.Select(result => result.TryGet(out var payload, out _) ? Text(payload) : "none").ShouldBe(names);
        Aws.Requests.Count.ShouldBe(7);
    }

    [Fact]
    public async Task Each_secret_of_a_batch_fails_for_its_own_reason()
    {
        foreach (var name in (string[])["fine", "denied", "kms", "deleted"])
        {
            Aws.Secrets.Put(name, name);
        }

        Fixture.User.Permissions.Deny("secretsmanager:GetSecretValue", "denied");
        Aws.Secrets.DenyKms("kms");
        Aws.Secrets.ScheduleDeletion("deleted");
        var batch = (IBatchReader)Open();
        var results = await batch.ReadBatchAsync([At("denied"), At("kms"), At("deleted"), At("missing"), At("fine")], CancellationToken.None);

        results.Select(result => result.Failure?.Code).ShouldBe(
            [ProviderFailure.PermissionDenied, ProviderFailure.PermissionDenied, ProviderFailure.SecretDisabled, ProviderFailure.SecretNotFound, null]);
        results[1].Failure!.Hint!.ShouldContain("kms:Decrypt");
        results[3].Failure!.Detail.ShouldContain("missing");
        batch.CanBatch(At("fine")).ShouldBeTrue("One refused secret says nothing about batches.");
    }

    [Fact]
    public async Task A_batch_that_is_refused_as_such_is_not_tried_again()
    {
        Aws.Secrets.Put("a", "value of a");
        Fixture.User.Permissions.Deny("secretsmanager:BatchGetSecretValue");
        var store = Open();
        var batch = (IBatchReader)store;
        batch.CanBatch(At("a")).ShouldBeTrue();
        var results = await batch.ReadBatchAsync([At("a"), At("b")], CancellationToken.None);

        results.ShouldAllBe(result => result.Failure!.Code == ProviderFailure.PermissionDenied);
        results[0].Failure!.Hint!.ShouldContain("secretsmanager:BatchGetSecretValue");
        batch.CanBatch(At("a")).ShouldBeFalse();
        (await ReadAsync(store, At("a"))).ShouldBe("value of a");
        ((IBatchReader)Open()).CanBatch(At("a")).ShouldBeTrue("Another session may do more.");
    }

    [Fact]
    public void Pinned_references_are_not_batched() => ((IBatchReader)Open()).CanBatch(At("a", "AWSPREVIOUS")).ShouldBeFalse();

    [Fact]
    public async Task A_listing_goes_over_pages_with_versions_and_without_what_is_deleted()
    {
        Aws.Secrets.PageSize = 2;
        var version = "";
        foreach (var name in (string[])["app/a", "app/b", "app/c", "app/d", "other"])
        {
            version = Aws.Secrets.Put(name, name);
        }

        Aws.Secrets.ScheduleDeletion("app/b");
        var lister = (ISecretLister)Open();
        (await lister.ListAsync("app/", 10, CancellationToken.None)).TryGet(out var listing, out _).ShouldBeTrue();
        listing!.Names.Select(listed => listed.Name).ShouldBe(["app/a", "app/c", "app/d"]);
        listing.Complete.ShouldBeTrue();

        (await lister.ListAsync("other", 10, CancellationToken.None)).TryGet(out listing, out _).ShouldBeTrue();
        listing!.Names.ShouldBe([new ListedSecret("other", version)]);
    }

    [Fact]
    public async Task A_prefix_that_no_name_has_is_not_asked_for()
    {
        // To AWS a leading ! turns a filter around.
        (await ((ISecretLister)Open()).ListAsync("!app", 10, CancellationToken.None)).TryGet(out var listing, out _).ShouldBeTrue();
        listing!.Names.ShouldBeEmpty();
        listing.Complete.ShouldBeTrue();
        Aws.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Requests_are_logged_by_operation_and_id_and_nothing_else()
    {
        Aws.Secrets.Put("openai", "sk-1");
        await ReadAsync(Open(), At("openai"));
        await FailAsync(Open(), At("missing"));
        string.Join('\n', Logs.Lines).ShouldContain("secretsmanager refused GetSecretValue with 400 ResourceNotFoundException (request 7a1e7fd3");
    }

    private static async Task<string?> VersionAsync(IVersionReader versions, string? pin) =>
        (await versions.GetVersionAsync(At("openai", pin), CancellationToken.None)).TryGet(out var version, out _) ? version : null;
}
