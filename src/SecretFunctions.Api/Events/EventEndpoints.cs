using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Api.Events;

/// <summary>
/// <c>/v1/events/{source}</c>: a cloud says that a secret changed. What it says is a hint: it drops what is cached of that secret, and can be
/// repeated without harm.
/// </summary>
internal static class EventEndpoints
{
    private const string Route = "/v1/events/{source}";
    private const string EventType = "aeg-event-type";
    private const string SubscriptionValidation = "SubscriptionValidation";

    private static readonly QueryParameter Key = new("key", ParameterType.Text, "An API key, for azure-event-grid alone, which cannot always send headers.");

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        // Any JSON: the clouds' own forms are theirs to describe.
        var body = new BodyDescription(typeof(JsonElement), IsPatch: false, JsonBody.MediaType, "application/cloudevents+json", "application/cloudevents-batch+json");
        routes.MapPost(Route, ReceiveAsync).WithName("receiveEvents").RequiresEvent().Takes(Key).WithMetadata(body);
        routes.MapMethods(Route, [HttpMethods.Options], Agree).WithName("agreeToEvents").RequiresEvent().Takes(Key);
    }

    internal static async Task<Answer<EventResponse>> ReceiveAsync(
        string source, HttpContext context, EventDeliveries deliveries, RotationHints hints, CancellationToken cancellationToken)
    {
        if (!deliveries.Find(source).TryGet(out var known, out var failure) || !(await ReadAsync(context, known)).TryGet(out var message, out failure))
        {
            return failure;
        }

        if (context.Request.Headers[EventType] == SubscriptionValidation)
        {
            return await ValidateAsync(context, message, hints, cancellationToken);
        }

        return (await deliveries.ApplyAsync(context.Caller(), source, message, cancellationToken)).TryGet(out var dropped, out failure)
            ? Answer<EventResponse>.Ok(new EventResponse { Dropped = dropped })
            : failure;
    }

    /// <summary>The handshake of CloudEvents (HTTP webhooks §4): whoever sends events asks first whether they are wanted.</summary>
    internal static Answer<EventResponse> Agree(string source, HttpContext context)
    {
        var origin = context.Request.Headers["WebHook-Request-Origin"];
        if (source != EventSources.EventGrid || origin.Count != 1 || string.IsNullOrEmpty(origin[0]))
        {
            return Failure.Invalid("event.origin_missing", "Only deliveries of azure-event-grid are agreed to in advance, by the header WebHook-Request-Origin.");
        }

        context.Response.Headers["WebHook-Allowed-Origin"] = origin[0];
        context.Response.Headers["WebHook-Allowed-Rate"] = "*";
        context.Response.Headers.Allow = "POST, OPTIONS";
        return Answer<EventResponse>.Ok(new EventResponse());
    }

    /// <summary>Event Grid's own handshake. Its code is sent back for a vault we read from, and for no other.</summary>
    private static async Task<Answer<EventResponse>> ValidateAsync(HttpContext context, RotationMessage message, RotationHints hints, CancellationToken cancellationToken)
    {
        if (message.Handshake is not { } handshake)
        {
            return Failure.Invalid("event.malformed", "A subscription validation has an event with a validation code.");
        }

        return handshake.Store is { } store && await hints.ExpectsAsync(context.OrganizationId(), store, cancellationToken)
            ? Answer<EventResponse>.Ok(new EventResponse { ValidationResponse = handshake.Code })
            : Failure.Denied("event.topic_unexpected", "No credential of this organization reads from the vault that the topic names. Create the credential first.");
    }

    private static async Task<Result<RotationMessage>> ReadAsync(HttpContext context, IRotationSource source)
    {
        if (!(await RequestBody.ReadAsync(context, [.. source.MediaTypes])).TryGet(out var body, out var failure))
        {
            return failure;
        }

        using (body)
        {
            return source.Parse(body.Bytes);
        }
    }
}
