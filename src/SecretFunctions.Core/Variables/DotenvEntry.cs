namespace SecretFunctions.Core.Variables;

/// <summary>One assignment of a dotenv document, which owns the value.</summary>
/// <param name="Key">What is set.</param>
/// <param name="Value">The document disposes it.</param>
/// <param name="Line">One-based line on which the assignment starts.</param>
public readonly record struct DotenvEntry(VariableKey Key, SecretValue Value, int Line);
