using System.Buffers;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Aws;

/// <summary>Secrets Manager's operations, JSON in and out, under the keys of one source.</summary>
internal sealed class SecretsManagerClient(AwsClient client, IAwsKeySource source)
{
    public const int MaxBatch = 20;
    public const int MaxPage = 100;

    private const string Json = "application/x-amz-json-1.1";

    public Task<Result<AwsSecret>> GetSecretValueAsync(SecretAddress address, CancellationToken cancellationToken) =>
        SendAsync(
            Call("GetSecretValue", Reading(address), json =>
            {
                json.WriteString("SecretId", address.Name);
                if (address.Version is { } version)
                {
                    json.WriteString(AwsNames.IsVersionId(version) ? "VersionId" : "VersionStage", version);
                }
            }),
            SecretsManagerAnswers.Secret,
            cancellationToken);

    public Task<Result<AwsBatchPage>> BatchGetSecretValueAsync(IEnumerable<string> names, string? nextToken, CancellationToken cancellationToken) =>
        SendAsync(
            Call("BatchGetSecretValue", "read several secrets at once", json =>
            {
                json.WriteStartArray("SecretIdList");
                foreach (var name in names)
                {
                    json.WriteStringValue(name);
                }

                json.WriteEndArray();
                WriteNextToken(json, nextToken);
            }),
            SecretsManagerAnswers.Batch,
            cancellationToken);

    /// <summary>What is scheduled for deletion is left out.</summary>
    public Task<Result<AwsListPage>> ListSecretsAsync(string prefix, int count, string? nextToken, CancellationToken cancellationToken) =>
        SendAsync(
            Call("ListSecrets", "list secrets", json =>
            {
                json.WriteNumber("MaxResults", count);
                if (prefix.Length > 0)
                {
                    json.WriteStartArray("Filters");
                    json.WriteStartObject();
                    json.WriteString("Key", "name"); // matches the beginning of names, case-sensitively
                    json.WriteStartArray("Values");
                    json.WriteStringValue(prefix);
                    json.WriteEndArray();
                    json.WriteEndObject();
                    json.WriteEndArray();
                }

                WriteNextToken(json, nextToken);
            }),
            SecretsManagerAnswers.List,
            cancellationToken);

    public Task<Result<AwsDescription>> DescribeSecretAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(
            Call("DescribeSecret", $"look up the secret {name}", json => json.WriteString("SecretId", name)),
            SecretsManagerAnswers.Description,
            cancellationToken);

    /// <summary>The failure of one secret that a batch did not return, as a single read would have had it.</summary>
    public Failure FailureOf(SecretAddress address, AwsError error) =>
        client.FailureOf(error, Call("GetSecretValue", Reading(address), static _ => { }));

    private Task<Result<T>> SendAsync<T>(AwsCall call, AwsAnswerReader<T> read, CancellationToken cancellationToken) =>
        source.SendAsync(keys => client.SendAsync(call, keys, read, cancellationToken), cancellationToken);

    private static string Reading(SecretAddress address) =>
        address.Version is { } version ? $"read the secret {address.Name} (version {version})" : $"read the secret {address.Name}";

    private static void WriteNextToken(Utf8JsonWriter json, string? nextToken)
    {
        if (nextToken is not null)
        {
            json.WriteString("NextToken", nextToken);
        }
    }

    private static AwsCall Call(string operation, string doing, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new AwsCall(operation, doing, Json, body.WrittenMemory) { Target = $"secretsmanager.{operation}" };
    }
}
