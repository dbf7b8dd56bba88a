using System.Text;

namespace SecretFunctions.Api.Tests.Events;

/// <summary>Events as the clouds send them.</summary>
internal static class Deliveries
{
    private const string Arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-AbCdEf";
    private const string Vault = "/subscriptions/5b4b650e/resourceGroups/acme/providers/Microsoft.KeyVault/vaults/acme";

    public static string EventBridge(string detail, string detailType = "AWS API Call via CloudTrail", string region = "eu-west-1", string resources = "") => $$"""
        {"version":"0","id":"1","detail-type":"{{detailType}}","source":"aws.secretsmanager","account":"123456789012","time":"2026-01-02T03:04:05Z",
         "region":"{{region}}","resources":[{{resources}}],"detail":{{detail}}}
        """;

    public static string PutSecretValue(string secretId = "app/db", string region = "eu-west-1") => EventBridge($$"""
        {"eventSource":"secretsmanager.amazonaws.com","eventName":"PutSecretValue","requestParameters":{"secretId":"{{secretId}}"},"responseElements":null}
        """, region: region);

    /// <summary>Every place where the secret is known to stand.</summary>
    public static IEnumerable<string> EventBridgeShapes() =>
    [
        PutSecretValue(),
        PutSecretValue(Arn),
        EventBridge($$"""{"eventName":"UpdateSecret","requestParameters":{"secretId":"other"},"responseElements":{"arn":"{{Arn}}"} }"""),
        EventBridge($$"""{"eventName":"UpdateSecret","requestParameters":null,"responseElements":{"aRN":"{{Arn}}"} }"""),
        EventBridge($$"""{"eventName":"RotationSucceeded","requestParameters":null,"additionalEventData":{"SecretId":"{{Arn}}"} }""", "AWS Service Event via CloudTrail"),
        EventBridge($$"""{"eventName":"RotationSucceeded","requestParameters":null,"serviceEventDetails":{"secretId":"{{Arn}}"} }""", "AWS Service Event via CloudTrail"),
        EventBridge("{}", "AWS Secrets Manager Secret Label Updated", resources: $"\"{Arn}\""),
        EventBridge("""{"eventName":"DeleteSecret","requestParameters":{"secretId":"app/db"}}"""),
    ];

    /// <summary>With the spaces of the vendor's samples, and times as strings.</summary>
    public static string EventGrid(string type = "Microsoft.KeyVault.SecretNewVersionCreated", string vault = "acme", string name = "db-password") => $$"""
        [{"id":"1","topic":"{{Vault}}","subject":"{{name}}","eventType":"{{type}}","eventTime":"2026-01-02T03:04:05Z",
          "data":{"Id":"https://{{vault}}.vault.azure.net/secrets/{{name}}/ee059b2bb5bc48398a53b168c6cdcb10","VaultName":"{{vault}}","ObjectType":"Secret",
            "ObjectName ":"{{name}}","Version":" ee059b2bb5bc48398a53b168c6cdcb10","NBF":"1559081980","EXP":"1559082102"},
          "dataVersion":"1","metadataVersion":"1"}]
        """;

    public static string CloudEvent() => $$"""
        {"id":"1","source":"{{Vault}}","subject":"db-password","type":"Microsoft.KeyVault.SecretNewVersionCreated","time":"2026-01-02T03:04:05Z","specversion":"1.0",
         "data":{"VaultName":"acme","ObjectType":"Secret","ObjectName ":"db-password ","Version":"1"} }
        """;

    public static string Validation(string topic = Vault) => $$"""
        [{"id":"1","topic":"{{topic}}","subject":"","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-01-02T03:04:05Z",
          "data":{"validationCode":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6","validationUrl":"https://rp-eastus2.eventgrid.azure.net:553/validate"},
          "metadataVersion":"1","dataVersion":"2"}]
        """;

    public static string PubSub(
        string secretId = "projects/acme-prod/secrets/stripe", string type = "SECRET_VERSION_ADD", string subscription = EventTestSubscription, string data = "{}") => $$"""
        {"message":{"attributes":{"eventType":"{{type}}","secretId":"{{secretId}}","dataFormat":"JSON_API_V1"},"data":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(data))}}",
         "messageId":"1","message_id":"1","publishTime":"2026-01-02T03:04:05Z","publish_time":"2026-01-02T03:04:05Z"},"subscription":"{{subscription}}","deliveryAttempt":1}
        """;

    private const string EventTestSubscription = "projects/acme-prod/subscriptions/secretfunctions";
}
