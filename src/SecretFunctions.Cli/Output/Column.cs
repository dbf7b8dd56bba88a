namespace SecretFunctions.Cli.Output;

/// <summary>One property of a resource, as people read it.</summary>
internal readonly record struct Column<T>(string Name, Func<T, string?> Value);
