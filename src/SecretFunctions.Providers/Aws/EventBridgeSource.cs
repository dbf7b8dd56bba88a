using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>Events of Secrets Manager, as EventBridge hands them to an API destination. Most of them were CloudTrail records before.</summary>
public sealed class EventBridgeSource : IRotationSource
{
    /// <summary>Where the secret stands: which of them depends on the call, the service and the year.</summary>
    private static readonly string[][] Places =
    [
        ["detail", "responseElements", "arn"],
        ["detail", "responseElements", "aRN"],
        ["detail", "responseElements", "ARN"],
        ["detail", "additionalEventData", "SecretId"],
        ["detail", "additionalEventData", "secretId"],
        ["detail", "serviceEventDetails", "secretId"],
        ["detail", "requestParameters", "secretId"],
        ["detail", "secretId"],
        ["detail", "arn"],
    ];

    /// <summary>Calls that change nothing. Our own reads are among them: taking those for changes would go round in a circle.</summary>
    private static readonly string[] Reading = ["Get", "BatchGet", "List", "Describe", "Validate"];

    public string Name => "aws-eventbridge";

    public IReadOnlyList<string> MediaTypes { get; } = ["application/json"];

    public Result<RotationMessage> Parse(ReadOnlyMemory<byte> json) => RotationBody.Read(json, static envelope =>
    {
        if (envelope.Text("source") is not { } source || envelope.Text("detail-type") is null || envelope.At("detail").ValueKind != JsonValueKind.Object)
        {
            return RotationBody.Malformed("An EventBridge event has 'source', 'detail-type' and 'detail'. Leave the API destination's input as it is, without a transformer.");
        }

        return new RotationMessage(source == "aws.secretsmanager" && IsChange(envelope.At("detail")) ? [.. Hints(envelope)] : []);
    });

    private static bool IsChange(JsonElement detail) =>
        detail.Text("errorCode") is null
        && !(detail.Text("eventName") is { } name && Reading.Any(verb => name.StartsWith(verb, StringComparison.Ordinal)));

    private static IEnumerable<RotationHint> Hints(JsonElement envelope)
    {
        var (region, account) = (envelope.Text("region"), envelope.Text("account"));
        var ids = Places.Select(place => envelope.At(place).AsText()?.Trim())
            .Concat(envelope.At("resources").AsItems().Select(static resource => resource.AsText()?.Trim()))
            .OfType<string>()
            .Where(static id => id.Length > 0 && (!id.StartsWith("arn:", StringComparison.Ordinal) || id.Contains(":secretsmanager:", StringComparison.Ordinal)));
        return ids.Select(id => SecretsManagerHint.Of(id, region, account)).Distinct();
    }
}
