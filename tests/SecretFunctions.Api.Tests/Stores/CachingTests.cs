using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>What is kept of a store's secrets, for how long, and what is served when the store is not there.</summary>
public sealed class CachingTests : StoresTest
{
    [Fact]
    public async Task A_rotated_value_arrives_once_its_credentials_cache_is_cleared()
    {
        await ReferAsync("A", "aws-secrets-manager", "a-1");
        await ReferAsync("B", "azure-key-vault", "b-1");
        await AssignAsync("A", "B");
        (await ResolvedAsync()).ShouldBe("A=a-1 B=b-1");
        await KeptAsync(2);
        Stores.Put("aws-secrets-manager", "a", "a-2");
        Stores.Put("azure-key-vault", "b", "b-2");
        (await ResolvedAsync()).ShouldBe("A=a-1 B=b-1");

        (await Operator.DeleteReplyAsync("/v1/cache?credential=aws-secrets-manager")).ShouldBe(200, """{"cleared":1}""");

        (await ResolvedAsync()).ShouldBe("A=a-2 B=b-1");
        await KeptAsync(2);
        (await Operator.DeleteReplyAsync("/v1/cache")).ShouldBe(200, """{"cleared":2}""");
        (await ResolvedAsync()).ShouldBe("A=a-2 B=b-2");
    }

    [Fact]
    public async Task A_value_is_read_anew_when_its_time_to_live_is_over()
    {
        await ReferAsync("A", "hashicorp-vault", "a-1");
        await AssignAsync("A");
        await ResolvedAsync();
        Stores.Put("hashicorp-vault", "a", "a-2");

        Clock.Advance(TimeSpan.FromSeconds(299));
        (await ResolvedAsync()).ShouldBe("A=a-1");
        Clock.Advance(TimeSpan.FromSeconds(1));

        (await ResolvedAsync()).ShouldBe("A=a-2");
    }

    [Fact]
    public async Task A_time_to_live_of_zero_reads_at_every_kickoff()
    {
        await ReferAsync("A", "cyberark-conjur", "a-1", static credential => credential["cacheTtlSeconds"] = 0);
        await AssignAsync("A");
        await ResolvedAsync();
        Stores.Put("cyberark-conjur", "a", "a-2");

        (await ResolvedAsync()).ShouldBe("A=a-2");
    }

    [Fact]
    public async Task Fresh_asks_the_store_and_refreshes_what_is_cached()
    {
        await ReferAsync("A", "google-secret-manager", "a-1");
        await AssignAsync("A");
        await ResolvedAsync();
        Stores.Put("google-secret-manager", "a", "a-2");

        (await ResolvedAsync(""","fresh":true""")).ShouldBe("A=a-2");
        (await ResolvedAsync()).ShouldBe("A=a-2");
    }

    [Fact]
    public async Task Statistics_tell_what_is_kept_and_how_the_cache_did()
    {
        await ReferAsync("A", "azure-key-vault", "a-1");
        await AssignAsync("A");
        await ResolvedAsync();
        await KeptAsync(1);
        await ResolvedAsync();
        await ResolvedAsync();

        (await Operator.GetReplyAsync("/v1/cache?credential=azure-key-vault"))
            .ShouldBe(200, """{"items":[{"credential":"azure-key-vault","entries":1,"hits":2,"misses":1,"stale":0,"failures":0}]}""");
        (await Operator.GetReplyAsync("/v1/cache?credential=nobodys")).ShouldBeProblem(404, "credential.not_found");
        (await Operator.DeleteReplyAsync("/v1/cache?credential=nobodys")).ShouldBeProblem(404, "credential.not_found");
    }

    [Fact]
    public async Task A_store_that_is_down_serves_what_is_kept_for_that_and_says_stale()
    {
        await ReferAsync("A", "1password-connect", "a-1", static credential => credential["staleIfErrorSeconds"] = 3600);
        await ReferAsync("B", "cyberark-conjur", "b-1");
        await AssignAsync("A", "B");
        await ResolvedAsync();
        await KeptAsync(2);
        Clock.Advance(TimeSpan.FromSeconds(301));
        Stores.OnePassword.Faults.Down = true;

        var reply = (await ResolveAsync()).ShouldBe(200);

        reply.Json["sources"]!.AsArray().Select(static source => (bool)source!["stale"]!).ShouldBe([true, false]);
        ((string)reply.Json["variables"]!["A"]!).ShouldBe("a-1");
    }

    [Fact]
    public async Task Nothing_stale_is_served_once_permission_was_denied()
    {
        await ReferAsync("A", "azure-key-vault", "a-1", static credential => credential["staleIfErrorSeconds"] = 3600);
        await AssignAsync("A");
        await ResolvedAsync();
        await KeptAsync(1);
        Clock.Advance(TimeSpan.FromSeconds(301));
        Stores.Azure.Reads = VaultAccess.NoRole;
        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["provider.permission_denied A"]);

        Stores.Azure.Faults.Down = true;

        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["provider.unreachable A"]);
    }

    [Fact]
    public async Task A_store_that_never_answers_fails_the_kickoff_at_the_deadline_and_names_each_variable()
    {
        await ReferAsync("A", "hashicorp-vault", "a-1");
        await ReferAsync("B", "hashicorp-vault", "b-1");
        await AssignAsync("A", "B");
        var arrived = Task.WhenAll(Stores.Vault.Faults.HangNext(), Stores.Vault.Faults.HangNext());

        var resolving = ResolveAsync();
        await arrived;
        Clock.Advance(TimeSpan.FromSeconds(10));

        var reply = (await resolving).ShouldBeProblem(424, "resolve.failed");
        reply.Errors.ShouldBe(["provider.timeout A", "provider.timeout B"]);
        ((string)reply.Json["errors"]![0]!["detail"]!).ShouldContain("hashicorp-vault");
    }

    [Fact]
    public async Task A_pause_that_a_store_asks_for_is_kept()
    {
        await ReferAsync("A", "azure-key-vault", "a-1");
        await AssignAsync("A");
        await Operator.PostAsync("/v1/provider-credentials/azure-key-vault/test");
        Stores.Azure.Faults.AnswerNext(429, KeyVaultDouble.ErrorBody("Throttled", "Too many."), retryAfter: TimeSpan.FromSeconds(3));

        (await ResolvedAsync()).ShouldBe("A=a-1");

        Clock.SkippedPauses.ShouldBe([TimeSpan.FromSeconds(3)]);
    }

    [Fact]
    public async Task A_store_that_fails_again_and_again_is_left_alone_until_it_may_have_recovered()
    {
        await ReferAsync("A", "cyberark-conjur", "a-1");
        await AssignAsync("A");
        await Operator.PostAsync("/v1/provider-credentials/cyberark-conjur/test");
        Stores.Conjur.Faults.Down = true;
        for (var i = 0; i < 4; i++)
        {
            (await ResolveAsync()).ShouldBe(424);
        }

        Stores.Conjur.Faults.Down = false;
        Stores.ForgetRequests();
        ((string)(await ResolveAsync()).ShouldBe(424).Json["errors"]![0]!["detail"]!).ShouldContain("left alone");
        Stores.Requests.ShouldBeEmpty();

        Clock.Advance(TimeSpan.FromSeconds(5));

        (await ResolvedAsync()).ShouldBe("A=a-1");
    }

    [Fact]
    public async Task A_key_vault_secret_that_expires_while_it_is_cached_fails_from_then_on()
    {
        await ReferAsync("A", "azure-key-vault", "a-1", static credential => credential["staleIfErrorSeconds"] = 3600);
        await AssignAsync("A");
        Stores.Azure.Put("a", "a-2", expires: Clock.GetUtcNow().AddSeconds(60));
        (await ResolvedAsync()).ShouldBe("A=a-2");

        Clock.Advance(TimeSpan.FromSeconds(60));

        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["provider.secret_disabled A"]);
    }
}
