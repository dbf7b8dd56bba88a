using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Input;

/// <summary>Reads a secret from where no other process sees it: a file, a pipe, or a terminal that does not show it.</summary>
internal static class SecretInput
{
    /// <param name="file">Taken byte for byte. Null reads standard input, whose last line end is not part of the value.</param>
    public static async Task<SensitiveText> ReadAsync(FileInfo? file, string prompt, CancellationToken cancellationToken)
    {
        var value = file is not null
            ? await File.ReadAllBytesAsync(file.FullName, cancellationToken)
            : Console.IsInputRedirected
                ? WithoutLineEnd(await ReadAllAsync(cancellationToken))
                : ReadUnseen(prompt);
        if (!Utf8.IsValid(value))
        {
            CryptographicOperations.ZeroMemory(value);
            throw new UsageException("The value is not UTF-8 text. Encode it first, with base64 for example.");
        }

        return new SensitiveText(value);
    }

    /// <summary>A whole file; <c>-</c> is standard input.</summary>
    public static Task<byte[]> ReadDocumentAsync(string path, CancellationToken cancellationToken) =>
        path == "-" ? ReadAllAsync(cancellationToken) : File.ReadAllBytesAsync(path, cancellationToken);

    private static async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using var input = Console.OpenStandardInput();
        using var buffer = new MemoryStream();
        await input.CopyToAsync(buffer, cancellationToken);
        var content = buffer.ToArray();
        CryptographicOperations.ZeroMemory(buffer.GetBuffer());
        return content;
    }

    /// <summary>What <c>echo</c> and editors put at the end.</summary>
    private static byte[] WithoutLineEnd(byte[] content)
    {
        var length = content.AsSpan().EndsWith("\r\n"u8) ? content.Length - 2 : content.AsSpan().EndsWith("\n"u8) ? content.Length - 1 : content.Length;
        var value = content[..length];
        CryptographicOperations.ZeroMemory(content);
        return value;
    }

    private static byte[] ReadUnseen(string prompt)
    {
        Console.Error.Write(prompt);
        var line = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                line.Length = Math.Max(0, line.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                line.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        var value = Encoding.UTF8.GetBytes(line.ToString());
        line.Clear();
        return value;
    }
}
