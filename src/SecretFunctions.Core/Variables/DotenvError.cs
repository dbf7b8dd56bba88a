namespace SecretFunctions.Core.Variables;

/// <summary>What can be wrong with a line. The texts are constant but for line numbers, so that none can carry a secret.</summary>
internal static class DotenvError
{
    public const string UnterminatedQuote = "dotenv.unterminated_quote";
    public const string TextAfterQuote = "dotenv.text_after_quote";
    public const string MissingEquals = "dotenv.missing_equals";
    public const string InvalidKey = "dotenv.invalid_key";
    public const string DuplicateKey = "dotenv.duplicate_key";
    public const string ValueTooLarge = "dotenv.value_too_large";
    public const string NulCharacter = "dotenv.nul_character";
    public const string InvalidUtf8 = "dotenv.invalid_utf8";
    public const string Utf16 = "dotenv.utf16";

    public static FailureEntry At(int line, string code) => new(code, Detail(code)) { Line = line };

    public static FailureEntry Duplicate(int line, int firstLine) =>
        new(DuplicateKey, $"This key is already set on line {firstLine}. Remove one of the two.") { Line = line };

    private static string Detail(string code) => code switch
    {
        UnterminatedQuote => "The value starts with a quote that is never closed. Close it, or quote the whole value with another kind of quote.",
        TextAfterQuote => "Text follows the closing quote. Only a comment may; inside double quotes write \\\" for a quote.",
        MissingEquals => "The line has no '='. Write KEY=VALUE, or start the line with '#' to make it a comment.",
        InvalidKey => "What stands before '=' is not a key: ASCII letters, digits and underscores, not starting with a digit, at most 128 characters.",
        ValueTooLarge => "The value is over 64 KiB.",
        NulCharacter => "The line has a NUL character, which no environment variable can hold.",
        InvalidUtf8 => "The line is not valid UTF-8. Save the document as UTF-8.",
        Utf16 => "The document is UTF-16 or UTF-32. Save it as UTF-8.",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not a dotenv error."),
    };
}
