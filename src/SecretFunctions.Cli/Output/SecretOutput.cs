namespace SecretFunctions.Cli.Output;

/// <summary>Where secrets are written: standard output, or a file that its owner alone can read.</summary>
internal static class SecretOutput
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="file">Null for standard output.</param>
    public static void Write(FileInfo? file, ReadOnlySpan<byte> content)
    {
        if (file is not null)
        {
            WriteFile(file.FullName, content);
            return;
        }

        using var output = Console.OpenStandardOutput();
        output.Write(content);
        if (!Console.IsOutputRedirected && !content.EndsWith("\n"u8))
        {
            // For the prompt's sake; a pipe or a file gets the bytes as they are.
            output.Write("\n"u8);
        }
    }

    /// <summary>Written beside and moved into place: a file of that name that others can read is replaced, not filled.</summary>
    private static void WriteFile(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
