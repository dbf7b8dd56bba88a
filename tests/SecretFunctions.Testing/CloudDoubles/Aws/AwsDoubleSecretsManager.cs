using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>Secrets Manager's operations, over <see cref="AwsDoubleSecrets"/>.</summary>
internal sealed class AwsDoubleSecretsManager(AwsDoubleSecrets secrets, Action<string> record)
{
    private const string Current = "AWSCURRENT";
    private const int MaxBatch = 20;
    private const int MaxPage = 100;

    public string Answer(string target, string? contentType, byte[] body, AwsDoubleKey caller)
    {
        if (contentType != AwsProtocol.Json.ContentType)
        {
            throw new AwsDoubleException("UnknownOperationException", "The content type is not application/x-amz-json-1.1.", 404);
        }

        JsonElement request;
        try
        {
            request = JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException)
        {
            throw new AwsDoubleException("SerializationException", "The body is not JSON.");
        }

        lock (secrets.Gate)
        {
            return (target switch
            {
                "secretsmanager.GetSecretValue" => GetSecretValue(request, caller),
                "secretsmanager.BatchGetSecretValue" => BatchGetSecretValue(request, caller),
                "secretsmanager.ListSecrets" => ListSecrets(request, caller),
                "secretsmanager.DescribeSecret" => DescribeSecret(request, caller),
                _ => throw new AwsDoubleException("UnknownOperationException", "There is no such operation."),
            }).ToJsonString();
        }
    }

    private static string? Text(JsonElement request, string name) =>
        request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Authorize(AwsDoubleKey caller, string operation, string? id, AwsDoubleSecret? secret)
    {
        var action = $"secretsmanager:{operation}";
        if (!caller.Permissions.Allows(action, secret?.Name ?? id))
        {
            throw new AwsDoubleException(
                "AccessDeniedException",
                $"User: {caller.Arn} is not authorized to perform: {action} on resource: {id ?? "*"} because no identity-based policy allows the {action} action");
        }
    }

    private JsonObject GetSecretValue(JsonElement request, AwsDoubleKey caller)
    {
        var id = Text(request, "SecretId") ?? throw new AwsDoubleException("InvalidParameterException", "SecretId is missing.");
        record($"GetSecretValue {id}");
        return Value(id, Text(request, "VersionId"), Text(request, "VersionStage"), caller);
    }

    private JsonObject Value(string id, string? versionId, string? stage, AwsDoubleKey caller)
    {
        var secret = secrets.Find(id);
        Authorize(caller, "GetSecretValue", id, secret);
        if (secret is null)
        {
            throw new AwsDoubleException("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        }

        if (secret.DeletedAt is not null)
        {
            throw new AwsDoubleException(
                "InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.");
        }

        var version = versionId is not null ? secret.Versions.FirstOrDefault(version => version.Id == versionId) : secret.WithStage(stage ?? Current);
        if (version is null)
        {
            throw new AwsDoubleException(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value for "
                + (versionId is not null ? $"VersionId: {versionId}" : $"staging label: {stage ?? Current}"));
        }

        if (stage is not null && !version.Stages.Contains(stage))
        {
            throw new AwsDoubleException("InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.");
        }

        if (secret.Kms is not null)
        {
            throw new AwsDoubleException(secret.Kms.Code, secret.Kms.Message);
        }

        var value = new JsonObject { ["ARN"] = secret.Arn, ["Name"] = secret.Name, ["VersionId"] = version.Id };
        if (version.Binary is not null)
        {
            value["SecretBinary"] = Convert.ToBase64String(version.Binary);
        }
        else
        {
            value["SecretString"] = version.Text;
        }

        value["VersionStages"] = Strings(version.Stages);
        value["CreatedDate"] = 1767323045.123;
        return value;
    }

    private JsonObject BatchGetSecretValue(JsonElement request, AwsDoubleKey caller)
    {
        var ids = request.GetProperty("SecretIdList").EnumerateArray().Select(static id => id.GetString()!).ToList();
        record($"BatchGetSecretValue {string.Join(',', ids)}");
        Authorize(caller, "BatchGetSecretValue", null, null);
        if (ids.Count is 0 or > MaxBatch || request.TryGetProperty("MaxResults", out _))
        {
            throw new AwsDoubleException("InvalidParameterException", $"SecretIdList must have 1 to {MaxBatch} entries, and no MaxResults beside it.");
        }

        var start = Start(request);
        var (values, errors) = (new JsonArray(), new JsonArray());
        foreach (var id in ids.Skip(start).Take(secrets.PageSize))
        {
            try
            {
                values.Add((JsonNode)Value(id, null, null, caller));
            }
            catch (AwsDoubleException refusal)
            {
                errors.Add((JsonNode)new JsonObject { ["SecretId"] = id, ["ErrorCode"] = refusal.Code, ["Message"] = refusal.Message });
            }
        }

        return WithNext(new JsonObject { ["SecretValues"] = values, ["Errors"] = errors }, start + secrets.PageSize, ids.Count);
    }

    private JsonObject ListSecrets(JsonElement request, AwsDoubleKey caller)
    {
        record("ListSecrets");
        Authorize(caller, "ListSecrets", null, null);
        var max = request.TryGetProperty("MaxResults", out var given) ? given.GetInt32() : MaxPage;
        if (max is < 1 or > MaxPage)
        {
            throw new AwsDoubleException("InvalidParameterException", $"MaxResults must be 1 to {MaxPage}.");
        }

        var size = Math.Min(max, secrets.PageSize);
        var start = Start(request);
        var prefixes = NameFilter(request);
        var found = secrets.All()
            .Where(secret => secret.DeletedAt is null && prefixes.All(prefix => secret.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .ToList();
        var page = new JsonArray([.. found.Skip(start).Take(size).Select(static secret => Metadata(secret, "SecretVersionsToStages"))]);
        return WithNext(new JsonObject { ["SecretList"] = page }, start + size, found.Count);
    }

    private JsonObject DescribeSecret(JsonElement request, AwsDoubleKey caller)
    {
        var id = Text(request, "SecretId")!;
        record($"DescribeSecret {id}");
        var secret = secrets.Find(id);
        Authorize(caller, "DescribeSecret", id, secret);
        return secret is not null
            ? Metadata(secret, "VersionIdsToStages")
            : throw new AwsDoubleException("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    }

    private static JsonObject Metadata(AwsDoubleSecret secret, string stagesName)
    {
        var stages = new JsonObject();
        foreach (var version in secret.Versions.Where(static version => version.Stages.Count > 0))
        {
            stages[version.Id] = Strings(version.Stages);
        }

        var metadata = new JsonObject { ["ARN"] = secret.Arn, ["Name"] = secret.Name, ["LastChangedDate"] = 1767323045.123, [stagesName] = stages };
        if (secret.DeletedAt is { } at)
        {
            metadata["DeletedDate"] = at.ToUnixTimeMilliseconds() / 1000.0;
        }

        return metadata;
    }

    private static List<string> NameFilter(JsonElement request) =>
        request.TryGetProperty("Filters", out var filters)
            ? [.. filters.EnumerateArray().Where(static filter => Text(filter, "Key") == "name").Select(static filter => filter.GetProperty("Values")[0].GetString()!)]
            : [];

    private static int Start(JsonElement request) =>
        Text(request, "NextToken") is not { } token ? 0
            : token.StartsWith("page-", StringComparison.Ordinal) ? int.Parse(token[5..], CultureInfo.InvariantCulture)
            : throw new AwsDoubleException("InvalidNextTokenException", "The NextToken is not valid.");

    private static JsonObject WithNext(JsonObject answer, int next, int count)
    {
        if (next < count)
        {
            answer["NextToken"] = $"page-{next}";
        }

        return answer;
    }

    private static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(static text => (JsonNode)text)]);
}
