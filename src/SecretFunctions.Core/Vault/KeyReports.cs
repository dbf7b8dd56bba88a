namespace SecretFunctions.Core.Vault;

public enum KeyState
{
    /// <summary>There, so that every instance knows it; used for nothing yet.</summary>
    Next,

    /// <summary>What is stored from now on is stored under it.</summary>
    Active,

    /// <summary>Opens what is stored under it, until that lies under the active one.</summary>
    Retired,
}

public enum RotationStep
{
    /// <summary>The new key waits until every instance knows it.</summary>
    Publishing,

    /// <summary>What lies under earlier keys is being wrapped under the new one.</summary>
    Rewrapping,

    /// <summary>Nothing is known to be left. After the time of grace that is made sure, and earlier keys are dropped.</summary>
    Confirming,
}

/// <param name="Left">What still lies under an earlier key; null where it has not been counted.</param>
/// <param name="Unreadable">Of that, what does not open, because it was changed or misplaced. The rotation does not end while there is any.</param>
public sealed record RotationReport(DateTimeOffset StartedAt, RotationStep Step, int? Left, int Unreadable);

public sealed record OrganizationKeyStatus(int Version, KeyState State, DateTimeOffset CreatedAt, DateTimeOffset? ActivatesAt, DateTimeOffset? RetiresAt);

/// <param name="Keys">Oldest first.</param>
/// <param name="Rotation">Null where none is under way.</param>
public sealed record OrganizationKeyReport(IReadOnlyList<OrganizationKeyStatus> Keys, RotationReport? Rotation);
