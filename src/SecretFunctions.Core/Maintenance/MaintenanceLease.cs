namespace SecretFunctions.Core.Maintenance;

/// <summary>Which instance does the round of maintenance now, and until when it is left to it.</summary>
internal sealed record MaintenanceLease(string Holder, DateTimeOffset Until);
