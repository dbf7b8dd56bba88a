using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Sealing;

public abstract class SealedValueTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task A_value_that_a_client_has_sealed_is_stored_and_resolved()
    {
        await Operator.AutomationAsync("crew");
        var reply = await Operator.SealedVariableAsync("dev/KEY", "s3cret \"é🔑");
        reply.Status.ShouldBe(201);
        ((bool)reply.Json["sealed"]!).ShouldBeTrue();
        ((bool)reply.Json["hasValue"]!).ShouldBeTrue();
        await Operator.AssignAsync("crew", "dev", "KEY");

        (await (await Host.AutomationAsync("crew")).ResolvedAsync("{}")).ShouldBe("KEY=s3cret \"é🔑");
        (await Operator.PostAsync("/v1/render", """{"automation":"crew","templates":{"t":"<{{KEY}}>"}}""")).ShouldBe(200).Json["rendered"]!["t"]!.ToString().ShouldBe("<s3cret \"é🔑>");
        var snapshot = (string)(await Operator.PostAsync("/v1/automations/crew/snapshots", "{}")).ShouldBe(201).Json["id"]!;
        await Operator.VariableAsync("dev/KEY", "plain");
        (await Operator.ResolvedAsync($$"""{"automation":"crew","snapshot":"{{snapshot}}"}""")).ShouldBe("KEY=s3cret \"é🔑");
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("KEY=plain");
    }

    [Fact]
    public async Task The_fingerprint_is_the_one_of_the_value_however_it_was_written()
    {
        await Operator.SealedVariableAsync("dev/KEY", "value");
        var sealedOne = await FingerprintAsync();
        await Operator.VariableAsync("dev/KEY", "value");
        (await FingerprintAsync()).ShouldBe(sealedOne);
    }

    [Fact]
    public async Task The_sealing_key_is_a_public_jwk_that_stays_and_has_a_tag()
    {
        var reply = (await Operator.GetReplyAsync("/v1/sealing-key")).ShouldBe(200);
        var key = reply.Json.AsObject();
        key.Select(static member => member.Key).ShouldBe(["kty", "use", "alg", "enc", "kid", "n", "e"]);
        key.Select(static member => member.Value!.ToString()).Take(4).ShouldBe(["RSA", "enc", "RSA-OAEP-256", "A256GCM"]);
        Base64Url.DecodeFromChars((string)key["n"]!).Length.ShouldBe(384);

        (await Operator.GetReplyAsync("/v1/sealing-key")).ShouldBe(200).Body.ShouldBe(reply.Body);
        (await Operator.GetReplyAsync("/v1/sealing-key", ("If-None-Match", reply.ETag))).Status.ShouldBe(304);
        var viewer = await Host.ServiceAsync("viewer", "environment_variables: view");
        (await viewer.GetReplyAsync("/v1/sealing-key")).ShouldBe(200).Body.ShouldBe(reply.Body);
        var stranger = await Host.ServiceAsync("stranger", "automations: manage");
        (await stranger.GetReplyAsync("/v1/sealing-key")).ShouldBeProblem(403, "access.permission_missing");
        await Host.OrganizationAsync("acme");
        (await Host.OperatorOf("acme").SealingKeyAsync())["kid"]!.ToString().ShouldNotBe(key["kid"]!.ToString());
    }

    [Fact]
    public async Task A_sealed_value_is_not_revealed_and_the_refusal_is_recorded()
    {
        await Operator.SealedVariableAsync("dev/KEY", "canary");

        var refused = (await Operator.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBeProblem(409, "variable.value_is_sealed");

        refused.Body.ShouldContain("/v1/resolve");
        var last = (await Operator.GetReplyAsync("/v1/audit-events?limit=1")).Json["items"]![0]!;
        $"{last["action"]} {last["outcome"]}".ShouldBe("variable.reveal failure");
    }

    [Fact]
    public async Task A_sealed_version_is_restored_as_it_is()
    {
        await Operator.SealedVariableAsync("dev/KEY", "first");
        await Operator.VariableAsync("dev/KEY", "second");
        await Operator.PostAsync("/v1/keys/sealing/rotate");
        Host.Clock.Advance(TimeSpan.FromHours(25));

        ((bool)(await Operator.PostAsync("/v1/variables/dev/KEY/versions/1/restore")).ShouldBe(200).Json["sealed"]!).ShouldBeTrue();

        (await Operator.ResolvedAsync("{}")).ShouldBe("KEY=first");
        (await Operator.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBeProblem(409, "variable.value_is_sealed");
        (await Operator.GetReplyAsync("/v1/variables/dev/KEY/versions")).Json["items"]!.AsArray().Select(static version => (bool)version!["sealed"]!).ShouldBe([true, false, true]);
    }

    [Fact]
    public async Task A_patch_seals_a_value_in_the_place_of_any_source()
    {
        var key = await Operator.SealingKeyAsync();
        await Operator.VariableAsync("dev/KEY", "plain", "a");

        var patched = (await Operator.PatchAsync("/v1/variables/dev/KEY", Sealed.Body(Sealed.Seal(key, "patched")))).ShouldBe(200).Json;

        ((bool)patched["sealed"]!).ShouldBeTrue();
        patched["tags"]!.ToJsonString().ShouldBe("""["a"]""");
        (await Operator.ResolvedAsync("{}")).ShouldBe("KEY=patched");
        (await Operator.PatchAsync("/v1/variables/dev/KEY", """{"description":"words"}""")).ShouldBe(200);
        (await Operator.ResolvedAsync("{}")).ShouldBe("KEY=patched");
    }

    [Fact]
    public async Task An_import_replaces_a_sealed_value_without_comparing()
    {
        await Operator.SealedVariableAsync("dev/KEY", "same");
        var import = (await Operator.ImportAsync("/v1/variables/dev/import", "KEY=same")).ShouldBe(200).Json;
        ((int)import["updated"]!).ShouldBe(1);
        ((bool)(await Operator.GetReplyAsync("/v1/variables/dev/KEY")).Json["sealed"]!).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"value":"1","sealedValue":"x"}""")]
    [InlineData("""{"sealedValue":"x","reference":{"credential":"a","secret":"b"}}""")]
    [InlineData("""{"value":"1","sealedValue":"x","reference":{"credential":"a","secret":"b"}}""")]
    public async Task A_variable_has_one_source(string body)
    {
        (await Operator.PutAsync("/v1/variables/dev/KEY", body)).ShouldBeProblem(400, "variable.source_ambiguous");
        await Operator.VariableAsync("dev/KEY", "1");
        (await Operator.PatchAsync("/v1/variables/dev/KEY", body)).ShouldBeProblem(400, "variable.source_ambiguous");
    }

    [Fact]
    public async Task What_cannot_belong_to_a_current_key_is_refused_and_never_repeated()
    {
        var key = await Operator.SealingKeyAsync();
        var parts = Sealed.Seal(key, "x").Split('.');
        var kid = key["kid"]!.ToString();
        string WithHeader(string json) => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json))}.{string.Join('.', parts[1..])}";
        string With(int index, string part) => string.Join('.', parts.Select((old, at) => at == index ? part : old));

        foreach (var text in new[] { "", "c4n4ry", "c4n4ry.a.b", $"{string.Join('.', parts)}.", $"{string.Join('.', parts)}=", $" {string.Join('.', parts)}", "{}", "....", With(2, "AAAA"), With(4, "AAAA"), With(1, ""), With(1, parts[1][..^2]), With(3, "A"), WithHeader("[]"), WithHeader("{}x"), WithHeader($$"""{"alg":"RSA-OAEP-256","alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{{kid}}"}""") })
        {
            await RefusedAsync(text, "sealed_value.malformed");
        }

        await RefusedAsync(WithHeader($$"""{"alg":"RSA-OAEP","enc":"A256GCM","kid":"{{kid}}"}"""), "sealed_value.algorithm_unsupported");
        await RefusedAsync(WithHeader($$"""{"alg":"RSA1_5","enc":"A256GCM","kid":"{{kid}}"}"""), "sealed_value.algorithm_unsupported");
        await RefusedAsync(WithHeader($$"""{"alg":"dir","enc":"A256GCM","kid":"{{kid}}"}"""), "sealed_value.algorithm_unsupported");
        await RefusedAsync(WithHeader($$"""{"alg":"none","enc":"A256GCM","kid":"{{kid}}"}"""), "sealed_value.algorithm_unsupported");
        await RefusedAsync(WithHeader($$"""{"alg":"RSA-OAEP-256","enc":"A128GCM","kid":"{{kid}}"}"""), "sealed_value.algorithm_unsupported");
        await RefusedAsync(WithHeader($$"""{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{{kid}}","zip":"DEF"}"""), "sealed_value.header_unsupported");
        await RefusedAsync(WithHeader($$"""{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{{kid}}","crit":["exp"],"exp":1}"""), "sealed_value.header_unsupported");
        await RefusedAsync(WithHeader($$"""{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":1}"""), "sealed_value.header_unsupported");
        await RefusedAsync(WithHeader("""{"alg":"RSA-OAEP-256","enc":"A256GCM"}"""), "sealed_value.key_unknown");
        await RefusedAsync(WithHeader("""{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"c4n4ry"}"""), "sealed_value.key_unknown");
        await RefusedAsync(Sealed.Seal(key, new string('x', (64 * 1024) + 1)), "variable.value_too_large");
        (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(Sealed.Seal(key, new string('x', 64 * 1024))))).ShouldBe(201);

        async Task RefusedAsync(string text, string code)
        {
            var reply = (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(text))).ShouldBeProblem(400, code);
            reply.Body.ShouldNotContain("c4n4ry");
            (await Operator.GetReplyAsync("/v1/variables/dev/KEY")).ShouldBeProblem(404, "variable.not_found");
        }
    }

    [Fact]
    public async Task What_does_not_open_is_stored_and_fails_the_resolve_whatever_is_wrong_with_it()
    {
        var key = await Operator.SealingKeyAsync();
        var parts = Sealed.Seal(key, "c4n4ry").Split('.');
        string[] worthless =
        [
            string.Join('.', parts[0], Base64Url.EncodeToString(new byte[384]), parts[2], parts[3], parts[4]), // no key
            string.Join('.', parts[0], Sealed.Seal(key, "c4n4ry").Split('.')[1], parts[2], parts[3], parts[4]), // another's key
            string.Join('.', parts[0], parts[1], parts[2], parts[3], Base64Url.EncodeToString(new byte[16])), // changed
            Sealed.Seal(key, [0xFF, 0xFE]), // no text
            Sealed.Seal(key, "a\0b"), // no value
        ];
        var told = new HashSet<string>();
        foreach (var value in worthless)
        {
            (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(value))).Status.ShouldBeOneOf(200, 201);

            var reply = (await Operator.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");

            reply.Errors.ShouldBe(["variable.sealed_value_invalid KEY"]);
            told.Add(reply.Json["errors"]!.ToJsonString());
            (await Operator.PostAsync("/v1/resolve", """{"partial":true}""")).ShouldBe(200).Json["variables"]!.ToJsonString().ShouldBe("{}");
        }

        told.ShouldHaveSingleItem("nobody sees from outside what is wrong");
        (await Operator.SealedVariableAsync("dev/KEY", "")).Status.ShouldBe(200);
        (await Operator.ResolvedAsync("{}")).ShouldBe("KEY=", "an empty value is a value");
    }

    [Fact]
    public async Task After_a_rotation_the_key_before_is_accepted_for_a_day_and_opens_for_good()
    {
        var old = await Operator.SealingKeyAsync();
        var late = Sealed.Seal(old, "late");
        await Operator.SealedVariableAsync("dev/OLD", "old");

        var kind = (await Operator.PostAsync("/v1/keys/sealing/rotate")).ShouldBe(200).Json;

        kind["keys"]!.AsArray().Select(static key => key!["state"]!.ToString()).ShouldBe(["retired", "active"]);
        kind["keys"]![0]!["removedAt"]!.ToString().ShouldBe("2026-01-03T03:04:05Z");
        (await Operator.SealingKeyAsync())["kid"]!.ToString().ShouldBe(kind["keys"]![1]!["id"]!.ToString());
        await Operator.SealedVariableAsync("dev/NEW", "new");
        Host.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        (await Operator.PutAsync("/v1/variables/dev/LATE", Sealed.Body(late))).ShouldBe(201);
        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        (await Operator.PutAsync("/v1/variables/dev/LATE", Sealed.Body(late))).ShouldBeProblem(400, "sealed_value.key_retired");

        (await Operator.ResolvedAsync("{}")).ShouldBe("LATE=late NEW=new OLD=old".Split(' ').Order(StringComparer.Ordinal).Aggregate(static (all, one) => $"{all} {one}"));
        var listed = (await Operator.GetReplyAsync("/v1/keys")).ShouldBe(200).Json["items"]!.AsArray().Single(static item => item!["kind"]!.ToString() == "sealing")!;
        listed["keys"]!.AsArray().Select(static key => key!["state"]!.ToString()).ShouldBe(["kept", "active"]);
    }

    [Fact]
    public async Task A_rotation_needs_the_right_to_manage_keys_and_concerns_one_organization()
    {
        await Host.OrganizationAsync("acme");
        var other = (await Host.OperatorOf("acme").SealingKeyAsync()).ToJsonString();
        var viewer = await Host.ServiceAsync("viewer", "keys: view");
        (await viewer.PostAsync("/v1/keys/sealing/rotate")).ShouldBeProblem(403, "access.permission_missing");
        (await (await Host.MemberAsync("owner@example.org")).PostAsync("/v1/keys/sealing/rotate")).ShouldBe(200);
        (await Host.OperatorOf("acme").SealingKeyAsync()).ToJsonString().ShouldBe(other);
    }

    [Fact]
    public async Task A_value_sealed_for_another_organization_is_refused()
    {
        await Host.OrganizationAsync("acme");
        var theirs = Sealed.Seal(await Host.OperatorOf("acme").SealingKeyAsync(), "1");
        (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(theirs))).ShouldBeProblem(400, "sealed_value.key_unknown");
        await Operator.SealingKeyAsync();
        (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(theirs))).ShouldBeProblem(400, "sealed_value.key_unknown");

        // Not even where it says that it is for ours.
        var ours = (JsonObject)(await Host.OperatorOf("acme").SealingKeyAsync());
        ours["kid"] = (await Operator.SealingKeyAsync())["kid"]!.ToString();
        (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(Sealed.Seal(ours, "1")))).ShouldBe(201);
        (await Operator.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["variable.sealed_value_invalid KEY"]);
    }

    private async Task<string> FingerprintAsync() => (await Operator.PostAsync("/v1/resolve", "{}")).ShouldBe(200).Json["sources"]![0]!["fingerprint"]!.ToString();

    public sealed class Direct() : SealedValueTests(Head.Direct);

    public sealed class BehindARouter() : SealedValueTests(Head.BehindARouter);
}
