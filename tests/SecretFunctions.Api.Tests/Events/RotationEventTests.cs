using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Events;

public abstract class RotationEventTests(Head head) : EventTest(head)
{
    [Fact]
    public async Task An_event_makes_the_next_kickoff_read_the_new_value_and_nothing_else_anew()
    {
        RotateAll();
        (await RenewedAsync()).ShouldBeEmpty();

        (await SendAsync(Aws, Deliveries.PutSecretValue())).ShouldBe(200, """{"dropped":1}""");
        (await RenewedAsync()).ShouldBe(["AWS"]);
        (await SendAsync(Azure, Deliveries.EventGrid())).ShouldBe(200, """{"dropped":1}""");
        (await RenewedAsync()).ShouldBe(["AWS", "AZURE"]);
        (await SendAsync(Google, Deliveries.PubSub())).ShouldBe(200, """{"dropped":1}""");
        (await RenewedAsync()).ShouldBe(["AWS", "AZURE", "GOOGLE"]);

        var rotations = await RotationsAsync();
        rotations.Select(static entry => $"{entry["target"]!["credential"]} {entry["target"]!["secret"]} {entry["target"]!["noticed"]}").ShouldBe(
            ["google stripe gcp-pubsub", "azure db_password azure-event-grid", "aws app/db aws-eventbridge"]);
        rotations.ShouldAllBe(static entry => (string?)entry["actor"]!["name"] == "events");
    }

    [Fact]
    public async Task EventBridge_says_the_secret_in_many_places()
    {
        foreach (var delivery in Deliveries.EventBridgeShapes())
        {
            (await SendAsync(Aws, delivery)).ShouldBe(200, """{"dropped":1}""");
            await RenewedAsync();
        }
    }

    [Fact]
    public async Task Event_Grid_sends_both_schemas_alone_and_in_batches()
    {
        var batch = $"[{Deliveries.CloudEvent()}, {Deliveries.CloudEvent()}]";
        foreach (var (body, type) in new[]
        {
            (Deliveries.EventGrid(), "application/json"),
            (Deliveries.EventGrid("Microsoft.KeyVault.SecretExpired"), "application/json; charset=utf-8"),
            (Deliveries.CloudEvent(), "application/cloudevents+json; charset=utf-8"),
            (batch, "application/cloudevents-batch+json"),
        })
        {
            (await Sender.SendAsync(HttpMethod.Post, $"/v1/events/{Azure}", Requests.Content(System.Text.Encoding.UTF8.GetBytes(body), type))).ShouldBe(200, """{"dropped":1}""");
            await RenewedAsync();
        }
    }

    [Fact]
    public async Task Secret_Manager_names_its_project_by_id_or_number_and_the_secret_in_attributes_or_data()
    {
        foreach (var delivery in new[]
        {
            Deliveries.PubSub(),
            Deliveries.PubSub("projects/123456789/secrets/stripe"),
            Deliveries.PubSub(type: "SECRET_DELETE"),
            Deliveries.PubSub(secretId: "", data: """{"name":"projects/123456789/secrets/stripe/versions/4","state":"ENABLED"}"""),
        })
        {
            (await SendAsync(Google, delivery)).ShouldBe(200, """{"dropped":1}""");
            await RenewedAsync();
        }
    }

    [Fact]
    public async Task Events_about_something_else_change_nothing()
    {
        foreach (var (source, delivery) in new[]
        {
            (Aws, Deliveries.PutSecretValue("another")),
            (Aws, Deliveries.PutSecretValue(region: "us-east-1")),
            (Aws, Deliveries.PutSecretValue("arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-AbCdEf")),
            (Aws, Deliveries.EventBridge("""{"eventName":"PutSecretValue","errorCode":"AccessDenied","requestParameters":{"secretId":"app/db"}}""")),
            (Aws, Deliveries.EventBridge("""{"eventName":"GetSecretValue","requestParameters":{"secretId":"app/db"}}""")),
            (Aws, Deliveries.PutSecretValue().Replace("aws.secretsmanager", "aws.ec2", StringComparison.Ordinal)),
            (Azure, Deliveries.EventGrid(vault: "another")),
            (Azure, Deliveries.EventGrid(name: "another")),
            (Azure, Deliveries.EventGrid("Microsoft.KeyVault.SecretNearExpiry")),
            (Azure, "[]"),
            (Google, Deliveries.PubSub("projects/another/secrets/stripe")),
            (Google, Deliveries.PubSub("projects/acme-prod/locations/europe-west1/secrets/stripe")),
            (Google, Deliveries.PubSub("projects/acme-prod/secrets/another")),
            (Google, Deliveries.PubSub(type: "SECRET_ROTATE")),
            (Google, Deliveries.PubSub(type: "TOPIC_CONFIGURED", secretId: "")),
        })
        {
            (await SendAsync(source, delivery)).ShouldBe(200, """{"dropped":0}""");
        }

        (await CachedAsync()).ShouldBe(3);
        (await RotationsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_replayed_event_drops_nothing_and_is_not_recorded_twice()
    {
        (await SendAsync(Aws, Deliveries.PutSecretValue())).ShouldBe(200, """{"dropped":1}""");
        (await SendAsync(Aws, Deliveries.PutSecretValue())).ShouldBe(200, """{"dropped":0}""");
        (await RotationsAsync()).Length.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_no_event_is_refused_and_changes_nothing()
    {
        foreach (var source in new[] { Aws, Azure, Google })
        {
            foreach (var body in new[] { "", "not json", "null", "1", "\"text\"", "{}", "[1]", "[{}]", """{"message":{}}""", """{"source":"aws.secretsmanager","detail-type":"x"}""", new string('[', 1000) })
            {
                (await SendAsync(source, body)).ShouldBeProblem(400, "event.malformed");
            }

            (await SendAsync(source, new string(' ', 1024 * 1024) + "{}")).ShouldBeProblem(413, "body.too_large");
            (await Sender.SendAsync(HttpMethod.Post, $"/v1/events/{source}", Requests.Content("{}", "text/plain"))).ShouldBeProblem(415, "body.media_type");
        }

        (await SendAsync(Azure, $"[{string.Join(',', Enumerable.Repeat(Deliveries.CloudEvent(), 1).Concat(Enumerable.Repeat("{}", 5000)))}]")).ShouldBeProblem(400, "event.too_many");
        (await SendAsync("unheard-of", "{}")).ShouldBeProblem(404, "event.source_unknown");
        (await CachedAsync()).ShouldBe(3);
        (await RotationsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_organizations_event_touches_nothing_here()
    {
        await Host.OrganizationAsync("other");
        var key = await Host.OperatorOf("other").KeyAsync("""{"name":"events","principal":{"type":"service","name":"events"},"permissions":{"cache":"manage"}}""");

        (await Host.Client(key).PostAsync($"/v1/events/{Aws}", Deliveries.PutSecretValue())).ShouldBe(200, """{"dropped":0}""");

        (await CachedAsync()).ShouldBe(3);
    }

    public sealed class Direct() : RotationEventTests(Head.Direct);

    public sealed class BehindARouter() : RotationEventTests(Head.BehindARouter);
}
