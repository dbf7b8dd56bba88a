using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Tests.Vault;

public sealed class SealingKeysTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Instances_that_are_asked_at_once_for_the_first_key_agree()
    {
        var instance = await Instance.StartAsync();
        var second = await instance.SecondAsync();

        var keys = await Task.WhenAll(CurrentAsync(instance), CurrentAsync(second), CurrentAsync(instance));

        keys.Select(static key => key.KeyId).Distinct().ShouldHaveSingleItem();
        (await instance.SealingKeys.ReportAsync(instance.OrganizationId, None)).ShouldHaveSingleItem().KeyId.ShouldBe(keys[0].KeyId);
    }

    [Fact]
    public async Task A_new_key_is_known_to_every_instance_at_once()
    {
        var instance = await Instance.StartAsync();
        var second = await instance.SecondAsync();
        await SealAsync(second, "KEY", "first");
        (await second.ResolveAsync(null)).Values()["KEY"].ShouldBe("first");

        (await instance.SealingKeys.RotateAsync(await SessionAsync(instance), None)).ShouldBeNull();
        await SealAsync(instance, "OTHER", "for the new one");
        await SealAsync(second, "THIRD", "for the new one");

        second.Clock.Advance(Instance.Window);
        (await second.ResolveAsync(null)).Values().Count.ShouldBe(3);
        (await instance.AuditEventsAsync()).Select(static item => item.GetProperty("action").GetString()).ShouldContain("sealing-key.rotate");
    }

    [Fact]
    public async Task A_kickoff_needs_no_private_key_and_a_plan_no_second_one_for_what_it_has_seen()
    {
        var instance = await Instance.StartAsync();
        await SealAsync(instance, "KEY", "value");
        (await instance.ResolveAsync(null)).Values()["KEY"].ShouldBe("value");
        instance.Store.Forget();

        (await instance.ResolveAsync(null)).Values()["KEY"].ShouldBe("value");

        instance.Store.Reads.ShouldBeEmpty();
        var keys = (await instance.ViewAsync()).ContentKeys;
        keys.Count.ShouldBe(1);
        await instance.SetAsync("OTHER", "a new revision");
        (await instance.ResolveAsync(null)).Values()["KEY"].ShouldBe("value");
        (await instance.ViewAsync()).ContentKeys.ShouldBeSameAs(keys);
        keys.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_sealed_value_moved_to_another_variable_does_not_open()
    {
        var instance = await Instance.StartAsync();
        await SealAsync(instance, "SECRET", "secret");
        await SealAsync(instance, "PUBLIC", "public");
        var secret = await ReadAsync(instance, "SECRET");
        await RewriteAsync(instance, "PUBLIC", variable => variable with { Versions = secret.Versions });

        await FailsAsync(instance, "PUBLIC", "variable.sealed_value_invalid");
    }

    [Fact]
    public async Task The_mark_of_a_sealed_value_cannot_be_taken_away()
    {
        var instance = await Instance.StartAsync();
        await SealAsync(instance, "KEY", "value");
        await RewriteAsync(instance, "KEY", static variable => variable with { Versions = [variable.Versions[0] with { IsJwe = false }] });

        await FailsAsync(instance, "KEY", "variable.undecryptable");
        VariableDirectory.Open(await instance.ViewAsync(), Instance.Address("KEY"), (await ReadAsync(instance, "KEY")).Versions[0]).ShouldFail("variable.undecryptable");
    }

    [Fact]
    public async Task The_mark_of_a_sealed_value_cannot_be_put_on_a_plain_one()
    {
        var instance = await Instance.StartAsync();
        var key = await CurrentAsync(instance);
        await instance.SetAsync("KEY", Encoding.UTF8.GetString(Seal(key, "value")));
        await RewriteAsync(instance, "KEY", static variable => variable with { Versions = [variable.Versions[0] with { IsJwe = true }] });

        await FailsAsync(instance, "KEY", "variable.sealed_value_invalid");
    }

    [Fact]
    public async Task Without_its_key_a_value_fails_and_the_others_resolve()
    {
        var instance = await Instance.StartAsync();
        await SealAsync(instance, "KEY", "value");
        await instance.SetAsync("OTHER", "plain");
        await instance.Shared.WriteAsync(instance.OrganizationId, [EntityWrite.Delete(Rows.SealingKeys, null)], None);
        await instance.SetAsync("NEXT", "a new revision");

        await FailsAsync(instance, "KEY", "variable.sealed_value_invalid");
        (await instance.ResolveAsync(null, partial: true)).Values().Keys.Order().ShouldBe(["NEXT", "OTHER"]);
    }

    [Fact]
    public async Task A_key_of_another_organization_or_id_is_not_handed_out()
    {
        var instance = await Instance.StartAsync();
        var own = await CurrentAsync(instance);
        (await instance.Organizations.PutAsync(instance.Owner with { Principal = Principal.Operator }, "other", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        var otherId = (await instance.Organizations.FindIdAsync("other", None)).ShouldNotBeNull();
        var theirs = new Session(instance.Owner with { OrganizationId = otherId, OrganizationName = "other" }, (await instance.Views.GetAsync(otherId, None)).ShouldNotBeNull());
        (await instance.SealingKeys.GetCurrentAsync(theirs, None)).ShouldSucceed().KeyId.ShouldNotBe(own.KeyId);
        var row = (await instance.Shared.GetAsync(otherId, Rows.SealingKeys, StoredJson.Default.StoredSealingKeys, None)).ShouldNotBeNull();

        await WriteRingAsync(row.Document);
        (await instance.SealingKeys.GetCurrentAsync(await SessionAsync(instance), None)).ShouldFail("sealing_key.undecryptable");

        (await instance.SealingKeys.RotateAsync(await SessionAsync(instance), None)).ShouldBeNull();
        (await CurrentAsync(instance)).KeyId.ShouldNotBe(own.KeyId);

        Task WriteRingAsync(StoredSealingKeys ring) => instance.Shared.WriteAsync(
            instance.OrganizationId, [EntityWrite.Upsert(Rows.SealingKeys, Documents.Serialize(ring, StoredJson.Default.StoredSealingKeys))], None);
    }

    [Fact]
    public async Task The_private_half_is_nowhere_in_the_clear()
    {
        var instance = await Instance.StartAsync();
        await SealAsync(instance, "KEY", "c4n4ry");
        var row = (await instance.Shared.GetAsync(new EntityKey(instance.OrganizationId, Rows.SealingKeys), None)).ShouldNotBeNull();
        Encoding.UTF8.GetString(row.Data.Span).ShouldNotContain("MII", Case.Sensitive, "no PKCS#8 in base64");
        var variable = (await instance.Shared.GetAsync(new EntityKey(instance.OrganizationId, Instance.Address("KEY").Row), None)).ShouldNotBeNull();
        Encoding.UTF8.GetString(variable.Data.Span).ShouldNotContain("c4n4ry");
    }

    private static async Task<Session> SessionAsync(Instance instance) => new(instance.Owner, await instance.ViewAsync());

    private static async Task<RsaPublicKey> CurrentAsync(Instance instance) =>
        (await instance.SealingKeys.GetCurrentAsync(await SessionAsync(instance), None)).ShouldSucceed();

    private static byte[] Seal(RsaPublicKey key, string value)
    {
        var jwk = $$"""{"kty":"RSA","kid":"{{key.KeyId}}","n":"{{key.N}}","e":"{{key.E}}"}""";
        return Recipient.Parse(JsonElement.Parse(jwk)).ShouldSucceed().SealJson(Encoding.UTF8.GetBytes(value));
    }

    private static async Task SealAsync(Instance instance, string key, string value)
    {
        var jwe = CompactJwe.Parse(Seal(await CurrentAsync(instance), value)).ShouldSucceed();
        (await instance.Variables.PutAsync(instance.Owner, Instance.Address(key), new VariableInput(null, null, [], null, null) { Sealed = jwe }, Precondition.None, None)).ShouldSucceed();
    }

    private static async Task<Variable> ReadAsync(Instance instance, string key) =>
        (await instance.Variables.GetAsync(instance.Owner, Instance.Address(key), None)).ShouldSucceed().Document;

    private static async Task RewriteAsync(Instance instance, string key, Func<Variable, Variable> change) => await instance.Shared.WriteAsync(
        instance.OrganizationId, [EntityWrite.Upsert(Instance.Address(key).Row, Documents.Serialize(change(await ReadAsync(instance, key)), StoredJson.Default.Variable))], None);

    private static async Task FailsAsync(Instance instance, string key, string code)
    {
        var error = (await instance.ResolveAsync(null)).ShouldFail("resolve.failed").Errors.ShouldHaveSingleItem();
        $"{error.Key} {error.Code}".ShouldBe($"{key} {code}");
    }
}
