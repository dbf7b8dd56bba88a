using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Hosting;

/// <summary>The embedded root key: one line in a file that its owner alone can read.</summary>
public static class RootKeyFile
{
    private const string Prefix = "secretfunctions-root-key-v1:";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the key, or makes one where nothing was ever stored under another.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mayCreate">False where there is data already: it needs the key it was made with, and no other.</param>
    /// <exception cref="RootKeyException">It is missing, readable by others, or no root key.</exception>
    public static LocalRootKey Open(string path, bool mayCreate)
    {
        try
        {
            if (!File.Exists(path))
            {
                if (!mayCreate)
                {
                    throw new RootKeyException($"The root key file '{path}' is missing, and the stored data needs it: restore it from your backup.");
                }

                Create(path);
            }

            return Read(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RootKeyException($"The root key file '{path}' cannot be used: {exception.Message}", exception);
        }
    }

    private static LocalRootKey Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
        {
            throw new RootKeyException($"The root key file '{path}' can be used by others: run chmod 600 on it.");
        }

        var text = File.ReadAllBytes(path);
        var key = new byte[LocalRootKey.KeyBytes];
        try
        {
            var line = text.AsSpan().TrimEnd("\r\n"u8);
            return line.StartsWith("secretfunctions-root-key-v1:"u8)
                && Convert.FromHexString(Encoding.ASCII.GetChars(line[Prefix.Length..].ToArray()), key, out _, out var written) == System.Buffers.OperationStatus.Done
                && written == key.Length
                    ? new LocalRootKey(key)
                    : throw new RootKeyException($"The file '{path}' does not hold a root key.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Complete or not there: written beside, made durable, then linked into place, which fails if another was faster.</summary>
    private static void Create(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{RandomNumberGenerator.GetHexString(8)}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var key = RandomNumberGenerator.GetBytes(LocalRootKey.KeyBytes);
        var line = Encoding.ASCII.GetBytes($"{Prefix}{Convert.ToHexStringLower(key)}\n");
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(line);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another instance made it meanwhile: its key is the one.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(line);
            File.Delete(temporary);
        }
    }
}
