namespace SecretFunctions.Contracts;

/// <summary>A resource and its entity tag, for a conditional write later. Null where the resource has none yet.</summary>
public readonly record struct Tagged<T>(T Resource, string? ETag);
