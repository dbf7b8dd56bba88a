using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>A refusal, as AWS would answer it: in the protocol that was spoken.</summary>
[SuppressMessage("Design", "CA1032", Justification = "It is an answer and always has a code and a status.")]
[SuppressMessage("Design", "CA1064", Justification = "It never leaves the double.")]
internal sealed class AwsDoubleException(string code, string message, int status = 400) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;
}
