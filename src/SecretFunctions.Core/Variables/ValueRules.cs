namespace SecretFunctions.Core.Variables;

/// <summary>What a value in the built-in vault may be: 0 to 65,536 bytes of UTF-8 without NUL. An empty value is a value.</summary>
public static class ValueRules
{
    public const int MaxBytes = 64 * 1024;

    /// <summary>Null where the value will do.</summary>
    public static Failure? Check(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return Failure.Invalid("variable.value_too_large", $"A value has at most {MaxBytes} bytes in UTF-8; this one has {utf8.Length}.");
        }

        return utf8.Contains((byte)0)
            ? Failure.Invalid("variable.value_has_nul", "A value cannot contain a NUL character: no environment variable can.")
            : null;
    }
}
