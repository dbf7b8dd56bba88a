namespace SecretFunctions.Providers.Aws;

/// <summary>One request, and the words for its failure.</summary>
/// <param name="Operation">As the service and IAM name it: <c>GetSecretValue</c>.</param>
/// <param name="Doing">Fits "AWS does not let us …": <c>read the secret openai</c>.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Body">UTF-8.</param>
internal sealed record AwsCall(string Operation, string Doing, string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>X-Amz-Target, where the service's protocol has it.</summary>
    public string? Target { get; init; }
}
