using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>One secret's value. Exactly one owner, who disposes it.</summary>
internal sealed record AwsSecret(string Arn, string Name, string VersionId, SecretValue Value) : IDisposable
{
    public void Dispose() => Value.Dispose();
}

/// <summary>A secret that a batch did not return, and why.</summary>
internal readonly record struct AwsBatchError(string SecretId, AwsError Error);

internal sealed record AwsBatchPage(IReadOnlyList<AwsSecret> Secrets, IReadOnlyList<AwsBatchError> Errors, string? NextToken);

/// <summary>A secret's description, without its value.</summary>
/// <param name="Name">In full, also where the question had an ARN.</param>
/// <param name="IsDeleted">Scheduled for deletion: it can be described and restored, not read.</param>
/// <param name="Stages">Version id and stage; a version with several stages comes several times.</param>
internal sealed record AwsDescription(string Name, bool IsDeleted, IReadOnlyList<(string VersionId, string Stage)> Stages)
{
    public const string Current = "AWSCURRENT";

    public string? VersionWith(string stage) => Stages.FirstOrDefault(pair => pair.Stage == stage).VersionId;
}

internal sealed record AwsListPage(IReadOnlyList<AwsDescription> Secrets, string? NextToken);

/// <summary>Readers of Secrets Manager's answers. What they do not know they skip; what is missing or of another type throws.</summary>
internal static class SecretsManagerAnswers
{
    private delegate void FieldReader(ref Utf8JsonReader reader);

    public static AwsSecret Secret(ReadOnlyMemory<byte> body)
    {
        var reader = Start(body);
        return Secret(ref reader);
    }

    public static AwsBatchPage Batch(ReadOnlyMemory<byte> body)
    {
        var secrets = new List<AwsSecret>();
        var errors = new List<AwsBatchError>();
        string? next = null;
        try
        {
            var reader = Start(body);
            while (NextField(ref reader, out var field))
            {
                switch (field)
                {
                    case "SecretValues":
                        Items(ref reader, (ref Utf8JsonReader item) => secrets.Add(Secret(ref item)));
                        break;
                    case "Errors":
                        Items(ref reader, (ref Utf8JsonReader item) => errors.Add(BatchError(ref item)));
                        break;
                    case "NextToken":
                        next = reader.GetString();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return new AwsBatchPage(secrets, errors, next);
        }
        catch
        {
            secrets.ForEach(static secret => secret.Dispose());
            throw;
        }
    }

    public static AwsListPage List(ReadOnlyMemory<byte> body)
    {
        var secrets = new List<AwsDescription>();
        string? next = null;
        var reader = Start(body);
        while (NextField(ref reader, out var field))
        {
            switch (field)
            {
                case "SecretList":
                    Items(ref reader, (ref Utf8JsonReader item) => secrets.Add(Description(ref item)));
                    break;
                case "NextToken":
                    next = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new AwsListPage(secrets, next);
    }

    public static AwsDescription Description(ReadOnlyMemory<byte> body)
    {
        var reader = Start(body);
        return Description(ref reader);
    }

    private static AwsSecret Secret(ref Utf8JsonReader reader)
    {
        string? arn = null, name = null, version = null;
        SecretValue? value = null;
        try
        {
            while (NextField(ref reader, out var field))
            {
                switch (field)
                {
                    case "ARN":
                        arn = reader.GetString();
                        break;
                    case "Name":
                        name = reader.GetString();
                        break;
                    case "VersionId":
                        version = reader.GetString();
                        break;

                    // One of the two. Binary stays the base64 it is here, as the AWS command line prints it.
                    case "SecretString" or "SecretBinary" when reader.TokenType != JsonTokenType.Null && value is null:
                        value = reader.ReadSecret();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return arn is null || name is null || string.IsNullOrEmpty(version) || value is null
                ? throw new FormatException("A field is missing.")
                : new AwsSecret(arn, name, version, value);
        }
        catch
        {
            value?.Dispose();
            throw;
        }
    }

    private static AwsBatchError BatchError(ref Utf8JsonReader reader)
    {
        string? id = null, code = null, message = null;
        while (NextField(ref reader, out var field))
        {
            switch (field)
            {
                case "SecretId":
                    id = reader.GetString();
                    break;
                case "ErrorCode":
                    code = reader.GetString();
                    break;
                case "Message":
                    message = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new AwsBatchError(id ?? "", new AwsError(AwsError.Bare(code), message ?? ""));
    }

    private static AwsDescription Description(ref Utf8JsonReader reader)
    {
        var name = "";
        var deleted = false;
        var stages = new List<(string, string)>();
        while (NextField(ref reader, out var field))
        {
            switch (field)
            {
                case "Name":
                    name = reader.GetString() ?? "";
                    break;
                case "DeletedDate":
                    deleted = reader.TokenType != JsonTokenType.Null;
                    break;

                // The same map has two names: the first in a listing, the second in a description.
                case "SecretVersionsToStages" or "VersionIdsToStages" when reader.TokenType == JsonTokenType.StartObject:
                    while (NextField(ref reader, out var version))
                    {
                        Items(ref reader, (ref Utf8JsonReader stage) => stages.Add((version, stage.GetString() ?? "")));
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new AwsDescription(name, deleted, stages);
    }

    private static Utf8JsonReader Start(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        reader.Read();
        return reader.TokenType == JsonTokenType.StartObject ? reader : throw new FormatException("An object was expected.");
    }

    /// <summary>Moves to the value of the object's next field; false at its end.</summary>
    private static bool NextField(ref Utf8JsonReader reader, out string field)
    {
        reader.Read();
        field = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        return reader.TokenType == JsonTokenType.PropertyName && reader.Read();
    }

    private static void Items(ref Utf8JsonReader reader, FieldReader read)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new FormatException("An array was expected.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            read(ref reader);
        }
    }
}
