namespace SecretFunctions.Storage;

/// <summary>
/// The store cannot be opened as configured, and trying again will not help. The message is one sentence for the
/// operator; it names what to change and holds no credential.
/// </summary>
public sealed class StoreSetupException(string message, Exception? innerException = null)
    : Exception(message, innerException);
