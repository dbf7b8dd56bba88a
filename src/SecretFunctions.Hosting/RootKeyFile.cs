using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Hosting;

/// <summary>The embedded root key: one line in a file that its owner alone can read.</summary>
public static partial class RootKeyFile
{
    private const int MaxFileBytes = 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static ReadOnlySpan<byte> Prefix => "secretfunctions-root-key-v1:"u8;

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
        // Of the file that is read, not of whatever the path names a moment later or a link on the way.
        using var file = File.OpenHandle(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnly) != 0)
        {
            throw new RootKeyException($"The root key file '{path}' can be used by others: run chmod 600 on it.");
        }

        Span<byte> text = stackalloc byte[MaxFileBytes];
        Span<byte> key = stackalloc byte[LocalRootKey.KeyBytes];
        try
        {
            var line = text[..RandomAccess.Read(file, text, fileOffset: 0)].TrimEnd("\r\n"u8);
            return line.StartsWith(Prefix)
                && Convert.FromHexString(line[Prefix.Length..], key, out _, out var written) == OperationStatus.Done
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
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        Span<byte> key = stackalloc byte[LocalRootKey.KeyBytes];
        Span<byte> line = stackalloc byte[Prefix.Length + (2 * LocalRootKey.KeyBytes) + 1];
        RandomNumberGenerator.Fill(key);
        Prefix.CopyTo(line);
        Convert.TryToHexStringLower(key, line[Prefix.Length..], out _);
        line[^1] = (byte)'\n';
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(line);
                file.Flush(flushToDisk: true);
            }

            Publish(temporary, path);
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

    /// <exception cref="IOException">There is such a file already, or it cannot be made.</exception>
    private static void Publish(string temporary, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(temporary, path, overwrite: false);
        }
        else if (Link(temporary, Path.GetFullPath(path)) != 0)
        {
            // Not File.Move: on Unix that looks whether the target exists and then renames over it, so that of two instances the slower
            // one replaces a key that the faster has already used.
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
