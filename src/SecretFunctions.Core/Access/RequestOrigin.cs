namespace SecretFunctions.Core.Access;

/// <summary>Where a request came from, for the audit log: who asks is the caller, this is how they got here.</summary>
/// <param name="Address">The other end of the connection, which may be a proxy's; null where the host does not say.</param>
/// <param name="RequestId">What the answer and the log call the request.</param>
public sealed record RequestOrigin(string? Address, string RequestId);
