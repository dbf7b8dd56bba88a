using Azure.Core;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Tables;

namespace SecretFunctions.Storage.Tests.Tables;

public sealed class TableEntityStoreProtocolTests : IDisposable
{
    private const string AccountKey = "c2VjcmV0LWFjY291bnQta2V5LXRoYXQtbXVzdC1ub3QtbGVhaw==";
    private const string ETag1 = "W/\"datetime'2030-01-02T03%3A04%3A05.0000001Z'\"";
    private const string ETag2 = "W/\"datetime'2030-01-02T03%3A04%3A05.0000002Z'\"";

    private static readonly EntityRange Rows = EntityRange.Prefix("p", "r");

    private readonly ScriptedService _service = new();

    [Fact]
    public async Task Requests_are_signed_over_the_path_as_it_is_sent()
    {
        _service.AnswerError(404, "ResourceNotFound");

        await Store().GetAsync(new EntityKey("p q", "it's"), CancellationToken.None);

        // HMAC-SHA256 over "Wed, 02 Jan 2030 03:04:05 GMT\n/acct/Things(PartitionKey='p%20q',RowKey='it%27%27s')",
        // computed apart from this code with Python's hmac.
        var request = _service.Requests.ShouldHaveSingleItem();
        request.Uri.AbsoluteUri.ShouldBe("https://acct.table.core.windows.net/Things(PartitionKey='p%20q',RowKey='it%27%27s')");
        request.Headers["x-ms-date"].ShouldBe("Wed, 02 Jan 2030 03:04:05 GMT");
        request.Headers["Authorization"].ShouldBe("SharedKeyLite acct:NlnPgIlMK0W5QhWGv+AewjVjtkDIA8+8K5R/XPDdOL8=");
    }

    [Fact]
    public async Task An_identity_sends_its_token_and_only_over_https()
    {
        _service.AnswerError(404, "ResourceNotFound");
        TablesAccount.TryFromEndpoint("https://acct.table.core.windows.net/", out var account, out _).ShouldBeTrue();
        var credential = new FixedCredential();
        var store = new TableEntityStore(account, "Things", credential, new SteppingTime(), _service.Options());

        await store.GetAsync(new EntityKey("p", "r"), CancellationToken.None);

        credential.Scopes.ShouldBe(["https://storage.azure.com/.default"]);
        _service.Requests.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Bearer the-token");
        TablesAccount.TryFromEndpoint("http://acct.table.core.windows.net/", out _, out var error).ShouldBeFalse();
        error.ShouldBe("must be an https URL such as https://ACCOUNT.table.core.windows.net");
    }

    [Fact]
    public async Task A_batch_names_each_operation_and_its_condition()
    {
        _service.AnswerBatch(ETag1, ETag2, ETag1, "", "");

        await Store().WriteAsync(
            "p",
            [
                EntityWrite.Insert("a", new byte[] { 1 }),
                EntityWrite.Upsert("b'", default),
                EntityWrite.Replace("c", default, ETag1),
                EntityWrite.Delete("d", ETag2),
                EntityWrite.Delete("e", null),
            ],
            CancellationToken.None);

        var request = _service.Requests.ShouldHaveSingleItem();
        request.Uri.AbsolutePath.ShouldBe("/$batch");
        var marker = request.Marker();
        request.Headers["Content-Type"].ShouldBe($"multipart/mixed; boundary=batch_{marker}");
        const string Url = "https://acct.table.core.windows.net/Things";
        request.Body.Split("\r\n").Where(l => l.Contains(" HTTP/1.1", StringComparison.Ordinal) || l.StartsWith("If-Match", StringComparison.Ordinal)).ShouldBe([
            $"POST {Url} HTTP/1.1",
            $"PUT {Url}(PartitionKey='p',RowKey='b%27%27') HTTP/1.1",
            $"PUT {Url}(PartitionKey='p',RowKey='c') HTTP/1.1", $"If-Match: {ETag1}",
            $"DELETE {Url}(PartitionKey='p',RowKey='d') HTTP/1.1", $"If-Match: {ETag2}",
            $"DELETE {Url}(PartitionKey='p',RowKey='e') HTTP/1.1", "If-Match: *",
        ]);
        request.Body.ShouldContain($$"""{"PartitionKey":"p","RowKey":"a","T":"{{marker}}","L":1,"D00@odata.type":"Edm.Binary","D00":"AQ=="}""");
        request.Body.ShouldEndWith($"--changeset_{marker}--\r\n--batch_{marker}--\r\n");
    }

    [Theory]
    [InlineData(409, "EntityAlreadyExists", WriteConflict.AlreadyExists)]
    [InlineData(404, "ResourceNotFound", WriteConflict.NotFound)]
    [InlineData(412, "UpdateConditionNotSatisfied", WriteConflict.Changed)]
    public async Task A_batch_that_failed_inside_is_a_conflict_although_it_was_accepted(int status, string code, WriteConflict conflict)
    {
        _service.AnswerBatchError(status, code, 1);

        var result = await InsertAsync("a", "b");

        (result.Conflict, result.ConflictIndex).ShouldBe((conflict, 1));
    }

    [Fact]
    public async Task An_empty_page_with_a_continuation_is_not_the_end()
    {
        _service
            .Answer(200, """{"value":[]}""", ("x-ms-continuation-nextpartitionkey", "1!p=="))
            .Answer(200, """{"value":[]}""", ("x-ms-continuation-NextRowKey", "1!r &"))
            .Answer(200, """{"value":[]}""");
        var store = Store();

        var first = await store.QueryAsync(Rows, 5, null, CancellationToken.None);
        first.Entities.ShouldBeEmpty();
        var second = await store.QueryAsync(Rows, 5, first.Continuation.ShouldNotBeNull(), CancellationToken.None);
        var third = await store.QueryAsync(Rows, 5, second.Continuation.ShouldNotBeNull(), CancellationToken.None);
        third.Continuation.ShouldBeNull();

        const string Query = "?$filter=PartitionKey%20eq%20%27p%27%20and%20RowKey%20ge%20%27r%27%20and%20RowKey%20lt%20%27s%27&$top=5";
        _service.Requests.Select(r => r.Uri.Query).ShouldBe(
            [Query, Query + "&NextPartitionKey=1%21p%3D%3D", Query + "&NextRowKey=1%21r%20%26"]);
        _service.Requests.ShouldAllBe(r => r.Headers["Accept"] == "application/json; odata=minimalmetadata");
    }

    [Fact]
    public async Task A_throttled_request_is_repeated_with_a_fresh_signature()
    {
        _service.Answer(503, "", ("x-ms-error-code", "ServerBusy"), ("Retry-After", "1")).AnswerBatch(ETag1);
        var time = new SteppingTime();

        (await InsertAsync(Store(time), "a")).Applied.ShouldBeTrue();

        _service.Requests.Count.ShouldBe(2);
        _service.Requests[1].Body.ShouldBe(_service.Requests[0].Body);
        _service.Requests[1].Headers["Authorization"].ShouldNotBe(_service.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task A_conflict_after_throttling_is_a_conflict()
    {
        _service.AnswerError(503, "ServerBusy").AnswerBatchError(409, "EntityAlreadyExists", 0);

        (await InsertAsync("a")).Conflict.ShouldBe(WriteConflict.AlreadyExists);
    }

    [Fact]
    public async Task A_batch_that_failed_inside_for_a_passing_reason_is_repeated()
    {
        _service.AnswerBatchError(503, "ServerBusy", 0).AnswerBatch(ETag1);

        (await InsertAsync("a")).ETags.ShouldBe([ETag1]);
    }

    [Fact]
    public async Task A_batch_that_keeps_failing_inside_is_unavailable()
    {
        for (var attempt = 0; attempt < 4; attempt++)
        {
            _service.AnswerBatchError(500, "OperationTimedOut", 0);
        }

        await Should.ThrowAsync<StoreUnavailableException>(async () => await InsertAsync("a"));
    }

    [Fact]
    public async Task A_conflict_after_a_batch_that_timed_out_inside_is_settled_by_reading()
    {
        _service.AnswerBatchError(500, "OperationTimedOut", 0).AnswerBatchError(409, "EntityAlreadyExists", 0);
        AnswerEntity("a", ETag1, () => _service.Requests[0].Marker());

        (await InsertAsync("a")).ETags.ShouldBe([ETag1]);
    }

    [Fact]
    public async Task A_transaction_whose_answer_was_lost_is_found_applied()
    {
        _service.LoseAnswer().AnswerBatchError(409, "EntityAlreadyExists", 0);
        AnswerEntity("a", ETag1, () => _service.Requests[0].Marker());
        AnswerEntity("b", ETag2, () => "somebody-else");

        var result = await InsertAsync("a", "b");

        result.Applied.ShouldBeTrue();
        result.ETags[0].ShouldBe(ETag1);
        result.ETags[1].ShouldNotBe(ETag2, "b was changed since, so its present ETag is not the one we made");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_conflict_after_a_lost_answer_is_unknown_when_no_row_tells(bool exists)
    {
        _service.LoseAnswer().AnswerBatchError(exists ? 409 : 404, exists ? "EntityAlreadyExists" : "ResourceNotFound", 0);
        if (exists)
        {
            AnswerEntity("a", ETag1, () => "somebody-else");
        }
        else
        {
            _service.AnswerError(404, "ResourceNotFound");
        }

        await Should.ThrowAsync<StoreUnavailableException>(async () => await InsertAsync("a"));
    }

    [Fact]
    public async Task A_repeated_deletion_never_lets_two_callers_win()
    {
        _service.LoseAnswer().AnswerBatchError(404, "ResourceNotFound", 0);

        await Should.ThrowAsync<StoreUnavailableException>(
            async () => await Store().WriteAsync("p", [EntityWrite.Delete("a", ETag1)], CancellationToken.None));
    }

    [Fact]
    public async Task The_table_is_created_by_the_first_write()
    {
        _service
            .AnswerError(404, "TableNotFound")
            .AnswerBatchError(404, "TableNotFound", 0)
            .Answer(204)
            .AnswerBatch(ETag1);
        var store = Store();

        (await store.GetAsync(new EntityKey("p", "r"), CancellationToken.None)).ShouldBeNull();
        (await InsertAsync(store, "a")).Applied.ShouldBeTrue();
        _service.Requests[2].Uri.AbsolutePath.ShouldBe("/Tables");
        _service.Requests[2].Body.ShouldBe("""{"TableName":"Things"}""");
    }

    [Fact]
    public async Task No_failure_shows_the_account_key()
    {
        for (var i = 0; i < 4; i++)
        {
            _service.LoseAnswer();
        }

        _service.Answer(403, "<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code></Error>", ("x-ms-error-code", "AuthenticationFailed"));
        var store = Store();

        var lost = await Should.ThrowAsync<StoreUnavailableException>(async () => await InsertAsync(store, "a"));
        var refused = await Should.ThrowAsync<StoreUnavailableException>(async () => await InsertAsync(store, "a"));

        refused.Message.ShouldBe("Table Storage refused a request: 403 AuthenticationFailed.");
        $"{lost}{refused}".ShouldNotContain(AccountKey[..8]);
    }

    [Fact]
    public async Task A_404_that_does_not_come_from_the_service_is_no_missing_entity()
    {
        _service.Answer(404, "<html>Not here</html>");

        await Should.ThrowAsync<StoreUnavailableException>(
            async () => await Store().GetAsync(new EntityKey("p", "r"), CancellationToken.None));
    }

    public void Dispose() => _service.Dispose();

    private TableEntityStore Store(TimeProvider? time = null)
    {
        TablesAccount.TryFromConnectionString($"AccountName=acct;AccountKey={AccountKey}", out var account, out _).ShouldBeTrue();
        return new TableEntityStore(account, "Things", null, time ?? new SteppingTime(), _service.Options());
    }

    private Task<WriteResult> InsertAsync(params string[] rows) => InsertAsync(Store(), rows);

    private static Task<WriteResult> InsertAsync(TableEntityStore store, params string[] rows) =>
        store.WriteAsync("p", [.. rows.Select(row => EntityWrite.Insert(row, default))], CancellationToken.None);

    private void AnswerEntity(string row, string etag, Func<string> marker) => _service.Answer(
        200,
        () => $$"""{"odata.etag":"{{etag.Replace("\"", "\\\"", StringComparison.Ordinal)}}","PartitionKey":"p","RowKey":"{{row}}","T":"{{marker()}}","L":0}""");

    /// <summary>A clock that moves on by a second each time it is read.</summary>
    private sealed class SteppingTime : TimeProvider
    {
        private DateTimeOffset _now = new(2030, 1, 2, 3, 4, 4, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now += TimeSpan.FromSeconds(1);
    }

    private sealed class FixedCredential : TokenCredential
    {
        public List<string> Scopes { get; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes.AddRange(requestContext.Scopes);
            return new AccessToken("the-token", DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
