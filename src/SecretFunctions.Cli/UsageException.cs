namespace SecretFunctions.Cli;

/// <summary>What was asked for cannot be meant: <see cref="ExitCode.Usage"/>. The message never repeats a secret.</summary>
internal sealed class UsageException(string message) : Exception(message);
