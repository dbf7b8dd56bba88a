using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Hosting;

namespace SecretFunctions.Api.Tests.Events;

/// <summary>Events that come through a queue instead of over HTTP do the same.</summary>
public sealed class QueuedEventTests() : EventTest(Head.Direct)
{
    [Fact]
    public async Task A_queued_event_makes_the_next_kickoff_read_the_new_value()
    {
        foreach (var message in new[] { Deliveries.CloudEvent(), Deliveries.EventGrid(), Deliveries.EventGrid().Trim()[1..^1] })
        {
            await ReceiveAsync(message);
            await RenewedAsync();
        }

        RotateAll();
        await ReceiveAsync(Deliveries.CloudEvent());

        (await RenewedAsync()).ShouldBe(["AZURE"]);
        var rotations = await RotationsAsync();
        rotations.Length.ShouldBe(4);
        rotations.ShouldAllBe(static entry => (string?)entry["target"]!["noticed"] == Azure && (string?)entry["actor"]!["name"] == Azure);
    }

    [Fact]
    public async Task What_is_about_something_else_drops_nothing()
    {
        RotateAll();
        await ReceiveAsync(Deliveries.EventGrid(vault: "other"));
        await ReceiveAsync(Deliveries.EventGrid("Microsoft.KeyVault.SecretNearExpiry"));
        await ReceiveAsync(Deliveries.Validation());

        (await RenewedAsync()).ShouldBeEmpty();
        (await RotationsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("{\"hunter2\":1}")]
    [InlineData("")]
    public async Task A_message_that_is_no_event_is_given_back_to_the_queue_without_being_repeated(string message)
    {
        var refused = await Should.ThrowAsync<BackgroundWorkException>(() => ReceiveAsync(message));

        refused.ToString().ShouldNotContain("hunter2");
        refused.Message.ShouldStartWith("event.malformed: ");
        Host.Logs.Lines.ShouldNotContain(static line => line.Text.Contains("hunter2"));
    }

    [Fact]
    public async Task Where_the_organization_is_not_there_the_message_waits()
    {
        await using var host = await ApiHost.StartAsync(Head.Direct, null, ("Events:Organization", "nobody"));

        var refused = await Should.ThrowAsync<BackgroundWorkException>(
            () => host.Services.GetRequiredService<BackgroundWork>().ReceiveEventGridAsync(Deliveries.CloudEvent(), CancellationToken.None));
        refused.Message.ShouldStartWith("organization.not_found: ");
    }

    private Task ReceiveAsync(string message) => Host.Services.GetRequiredService<BackgroundWork>().ReceiveEventGridAsync(message, CancellationToken.None);
}
