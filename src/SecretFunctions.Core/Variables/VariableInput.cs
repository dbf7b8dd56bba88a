using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Variables;

/// <summary>The next state of a variable. Null for all sources keeps the one it has.</summary>
public sealed record VariableInput(SecretValue? Value, ReferenceSource? Reference, IReadOnlyList<string> Tags, string? DisplayName, string? Description)
{
    /// <summary>For whom it shall be; null: for whoever may see or change variables there.</summary>
    public IReadOnlyList<AccessInput>? Access { get; init; }

    /// <summary>For whom it is already, instead.</summary>
    public bool KeepsAccess { get; init; }

    /// <summary>Instead of <see cref="Value"/>: what a client has sealed, to be stored unopened.</summary>
    public CompactJwe? Sealed { get; init; }
}
