using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.Api.Tests.Sealing;

/// <summary>With an implementation that is none of ours, both ways.</summary>
public sealed class InteropTests() : ApiTest(Head.Direct)
{
    private const string Value = "s3cret \"é🔑\n";

    private Jose _jose = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _jose = await Jose.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await _jose.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task What_jose_seals_for_our_key_is_resolved()
    {
        var key = await Operator.SealingKeyAsync();
        var header = new JsonObject { ["alg"] = key["alg"]!.ToString(), ["enc"] = key["enc"]!.ToString(), ["kid"] = key["kid"]!.ToString() };

        (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(await _jose.EncryptAsync(key, Value, header)))).ShouldBe(201);

        (await Operator.PostAsync("/v1/resolve", "{}")).ShouldBe(200).Json["variables"]!["KEY"]!.ToString().ShouldBe(Value);
    }

    [Theory]
    [InlineData("RSA-OAEP", "A256GCM")]
    [InlineData("RSA-OAEP-512", "A256GCM")]
    [InlineData("dir", "A256GCM")]
    [InlineData("RSA-OAEP-256", "A128GCM")]
    [InlineData("RSA-OAEP-256", "A256CBC-HS512")]
    public async Task What_jose_seals_in_another_way_is_refused(string alg, string enc)
    {
        var key = await Operator.SealingKeyAsync();
        var header = new JsonObject { ["alg"] = alg, ["enc"] = enc, ["kid"] = key["kid"]!.ToString() };
        key.AsObject().Remove("alg");

        (await Operator.PutAsync("/v1/variables/dev/KEY", Sealed.Body(await _jose.EncryptAsync(key, Value, header)))).ShouldBeProblem(400, "sealed_value.algorithm_unsupported");
    }

    [Theory]
    [InlineData("RSA-OAEP-256", null)]
    [InlineData("ECDH-ES", "P-256")]
    [InlineData("ECDH-ES", "P-384")]
    [InlineData("ECDH-ES", "P-521")]
    public async Task Jose_opens_what_is_sealed_to_its_key(string alg, string? curve)
    {
        await Operator.AutomationAsync("crew");
        await Operator.SealedVariableAsync("dev/A", Value);
        await Operator.VariableAsync("dev/B", "");
        await Operator.AssignAsync("crew", "dev", "A", "B");
        var (publicKey, privateKey) = await _jose.GenerateAsync(alg, curve);
        publicKey["kid"] = "mine \"é";

        var body = new JsonObject { ["automation"] = "crew", ["sealTo"] = publicKey }.ToJsonString();
        var jwe = (await Operator.PostAsync("/v1/resolve", body)).ShouldBe(200).Json["sealed"]!.ToString();

        var (text, header) = await _jose.DecryptAsync(privateKey, alg, jwe);
        Reply.ShouldBeJson(JsonNode.Parse(text), new JsonObject { ["A"] = Value, ["B"] = "" }.ToJsonString());
        $"{header["alg"]} {header["enc"]} {header["kid"]} {header["cty"]}".ShouldBe($"{alg} A256GCM mine \"é json");
        (header["epk"] is null).ShouldBe(curve is null);
        (await Operator.PostAsync("/v1/resolve", body)).Json["sealed"]!.ToString().ShouldNotBe(jwe);
    }

    [Fact]
    public async Task A_snapshot_is_sealed_to_a_recipient_as_well()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", Value));
        var snapshot = (string)(await Operator.PostAsync("/v1/automations/crew/snapshots", "{}")).ShouldBe(201).Json["id"]!;
        var (publicKey, privateKey) = await _jose.GenerateAsync("ECDH-ES", "P-256");

        var body = new JsonObject { ["automation"] = "crew", ["snapshot"] = snapshot, ["sealTo"] = publicKey }.ToJsonString();
        var jwe = (await Operator.PostAsync("/v1/resolve", body)).ShouldBe(200).Json["sealed"]!.ToString();

        JsonNode.Parse((await _jose.DecryptAsync(privateKey, "ECDH-ES", jwe)).Text)!["KEY"]!.ToString().ShouldBe(Value);
    }
}
