namespace SecretFunctions.Core.Maintenance;

/// <param name="Interval">Between two rounds, whichever instance does them: 5 s to 1 h, default 60 s.</param>
public sealed record MaintenanceOptions(TimeSpan Interval);
