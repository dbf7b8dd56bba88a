using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>Variables whose values live in a store.</summary>
public sealed class ReferenceTests : StoresTest
{
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_reference_resolves_through_each_store(string provider)
    {
        await ReferAsync("DB_PASSWORD", provider, "s3cret \"quoted\" ü");
        await AssignAsync("DB_PASSWORD");

        var reply = (await ResolveAsync()).ShouldBe(200);

        ((string)reply.Json["variables"]!["DB_PASSWORD"]!).ShouldBe("s3cret \"quoted\" ü");
        var source = reply.Json["sources"]![0]!;
        ((string)source["from"]!).ShouldBe("provider");
        ((string)source["credential"]!).ShouldBe(provider);
        ((string)source["secret"]!).ShouldBe("db-password");
        ((string)source["version"]!).ShouldNotBeNullOrEmpty();
        ((string)source["fingerprint"]!).Length.ShouldBe(12);
        ((bool)source["stale"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Fields_pointers_and_whole_documents_of_one_secret()
    {
        (await PutCredentialAsync("aws-secrets-manager")).ShouldBe(201);
        Stores.Put("aws-secrets-manager", "db", """{"user":"app","port":5432,"hosts":[{"name":"a/b"}]}""");
        foreach (var (key, secret) in new[] { ("USER", "db#user"), ("PORT", "db#port"), ("HOST", "db#/hosts/0/name"), ("ALL", "db#/hosts"), ("NONE", "db#nobody") })
        {
            (await PutReferenceAsync(key, "aws-secrets-manager", secret)).ShouldBe(201);
        }

        await AssignAsync("USER", "PORT", "HOST", "ALL", "NONE");

        var reply = (await ResolveAsync(""","partial":true""")).ShouldBe(200);

        Reply.ShouldBeJson(reply.Json["variables"], """{"ALL":"[{\"name\":\"a/b\"}]","HOST":"a/b","PORT":"5432","USER":"app"}""");
        reply.Errors.ShouldBe(["provider.key_not_found NONE"]);
    }

    [Fact]
    public async Task A_pinned_version_stays()
    {
        foreach (var provider in new[] { "azure-key-vault", "google-secret-manager", "hashicorp-vault", "cyberark-conjur" })
        {
            (await PutCredentialAsync(provider)).ShouldBe(201);
        }

        var azure = Stores.Azure.Put("s", "azure-1");
        Stores.Azure.Put("s", "azure-2");
        foreach (var value in new[] { "1", "2" })
        {
            Stores.Put("google-secret-manager", "s", $"google-{value}");
            Stores.Put("hashicorp-vault", "s", $"vault-{value}");
            Stores.Put("cyberark-conjur", "s", $"conjur-{value}");
        }

        await PutReferenceAsync("A", "azure-key-vault", "s", azure);
        await PutReferenceAsync("B", "google-secret-manager", "s", "1");
        await PutReferenceAsync("C", "hashicorp-vault", "s#value", "1");
        await PutReferenceAsync("D", "cyberark-conjur", "s", "1");
        await AssignAsync("A", "B", "C", "D");

        (await ResolvedAsync()).ShouldBe("A=azure-1 B=google-1 C=vault-1 D=conjur-1");
    }

    [Theory]
    [InlineData("aws-secrets-manager", "no spaces", null)]
    [InlineData("azure-key-vault", "no/slashes", null)]
    [InlineData("azure-key-vault", "a", "not a version")]
    [InlineData("google-secret-manager", "no/slashes", null)]
    [InlineData("hashicorp-vault", "../up", null)]
    [InlineData("hashicorp-vault", "a", "first")]
    [InlineData("cyberark-conjur", "../up", null)]
    [InlineData("1password-connect", "a", "1")]
    public async Task A_name_or_version_the_store_cannot_have_is_refused_when_it_is_written(string provider, string secret, string? version)
    {
        (await PutCredentialAsync(provider)).ShouldBe(201);

        (await PutReferenceAsync("A", provider, secret, version)).ShouldBeProblem(400, "provider.invalid_request");
    }

    [Theory]
    [InlineData("""{"reference":{"secret":"a"}}""", "reference.credential_missing")]
    [InlineData("""{"reference":{"credential":"cyberark-conjur","provider":"cyberark-conjur","secret":"a"}}""", "reference.credential_missing")]
    [InlineData("""{"reference":{"credential":"cyberark-conjur","secret":"#key"}}""", "reference.secret_invalid")]
    [InlineData("""{"reference":{"credential":"cyberark-conjur","secret":"a#"}}""", "reference.secret_invalid")]
    [InlineData("""{"reference":{"credential":"nobodys","secret":"a"}}""", "credential.not_found")]
    [InlineData("""{"reference":{"provider":"cyberark-conjur","secret":"a"}}""", "reference.no_default_credential")]
    [InlineData("""{"reference":{"provider":"nobodys","secret":"a"}}""", "reference.no_default_credential")]
    [InlineData("""{"value":"v","reference":{"credential":"cyberark-conjur","secret":"a"}}""", "variable.source_ambiguous")]
    [InlineData("{}", "variable.source_missing")]
    public async Task A_reference_that_means_nothing_is_refused(string json, string code)
    {
        (await PutCredentialAsync("cyberark-conjur")).ShouldBe(201);

        (await Operator.PutAsync("/v1/variables/dev/A", json)).ShouldBeProblem(400, code);
    }

    [Fact]
    public async Task Writing_one_needs_sight_of_the_credentials()
    {
        (await PutCredentialAsync("cyberark-conjur")).ShouldBe(201);
        var json = Reference("cyberark-conjur", "a");
        var blind = await Host.MemberAsync("blind@example.org", "environment_variables: manage");
        var seeing = await Host.MemberAsync("seeing@example.org", "environment_variables: manage", "secret_providers: view");

        (await blind.PutAsync("/v1/variables/dev/A", json)).ShouldBe(403);
        (await blind.PutAsync("/v1/variables/dev/A", """{"value":"mine"}""")).ShouldBe(201);
        (await blind.PatchAsync("/v1/variables/dev/A", json)).ShouldBe(403);
        (await seeing.PutAsync("/v1/variables/dev/A", json)).ShouldBe(200);
        (await blind.PatchAsync("/v1/variables/dev/A", """{"description":"words need no such sight"}""")).ShouldBe(200);
    }

    [Fact]
    public async Task A_variable_changes_between_value_and_reference()
    {
        await ReferAsync("A", "azure-key-vault", "from the vault");
        await AssignAsync("A");
        (await ResolvedAsync()).ShouldBe("A=from the vault");

        (await Operator.PatchAsync("/v1/variables/dev/A", """{"value":"by patch"}""")).ShouldBe(200).Json["reference"].ShouldBeNull();
        (await ResolvedAsync()).ShouldBe("A=by patch");
        (await Operator.PatchAsync("/v1/variables/dev/A", Reference("azure-key-vault", "a"))).ShouldBe(200).Json["hasValue"]!.GetValue<bool>().ShouldBeFalse();
        (await ResolvedAsync()).ShouldBe("A=from the vault");
        (await Operator.PutAsync("/v1/variables/dev/A", """{"value":"by put"}""")).ShouldBe(200);
        (await ResolvedAsync()).ShouldBe("A=by put");
        (await Operator.PutAsync("/v1/variables/dev/A", Reference("azure-key-vault", "A"))).ShouldBe(200);
        (await ResolvedAsync()).ShouldBe("A=from the vault");
    }

    [Fact]
    public async Task Scope_is_enforced_when_a_reference_is_written_and_again_when_it_resolves()
    {
        await Operator.ProjectAsync("web");
        (await Operator.PutAsync("/v1/automations/other", """{"project":"web"}""")).ShouldBe(201);
        await ReferAsync("A", "cyberark-conjur", "a-1");
        await AssignAsync("A");
        (await ResolvedAsync()).ShouldBe("A=a-1");

        (await Operator.PatchAsync("/v1/provider-credentials/cyberark-conjur", """{"scope":"projects","projects":["web"]}""")).ShouldBe(200);

        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["reference.out_of_scope A"]);
        (await PutReferenceAsync("B", "cyberark-conjur", "a")).ShouldBeProblem(400, "reference.out_of_scope");
        (await PutReferenceAsync("B", "cyberark-conjur", "a", scope: "project:default")).ShouldBeProblem(400, "reference.out_of_scope");
        (await PutReferenceAsync("B", "cyberark-conjur", "a", scope: "project:web")).ShouldBe(201);
        (await PutReferenceAsync("B", "cyberark-conjur", "a", scope: "automation:crew")).ShouldBeProblem(400, "reference.out_of_scope");

        (await Operator.PatchAsync("/v1/provider-credentials/cyberark-conjur", """{"scope":"organization","projects":null,"automations":["other"]}""")).ShouldBe(200);

        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["reference.out_of_scope A"]);
        (await PutReferenceAsync("C", "cyberark-conjur", "a", scope: "automation:crew")).ShouldBeProblem(400, "reference.out_of_scope");
        (await PutReferenceAsync("C", "cyberark-conjur", "a", scope: "automation:other")).ShouldBe(201);

        (await Operator.PatchAsync("/v1/provider-credentials/cyberark-conjur", """{"automations":["crew"]}""")).ShouldBe(200);
        (await ResolvedAsync()).ShouldBe("A=a-1");
    }
}
