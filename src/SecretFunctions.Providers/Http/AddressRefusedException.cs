namespace SecretFunctions.Providers.Http;

/// <summary>A request would have gone where it may not. The message is one sentence, safe to show.</summary>
public sealed class AddressRefusedException : Exception
{
    public AddressRefusedException()
        : this("Requests may not go to this address.")
    {
    }

    public AddressRefusedException(string message)
        : base(message)
    {
    }

    public AddressRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
