using System.Runtime.InteropServices;

namespace SecretFunctions.Hosting;

/// <summary>Puts a file that was written and flushed beside another in its place. It is there after a power cut too once it was made durable.</summary>
internal static partial class DurableFiles
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">There is such a file already, or it cannot be made.</exception>
    public static void Publish(string temporary, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(temporary, path, overwrite: false);
            return;
        }

        // Not File.Move: on Unix that looks whether the target exists and then renames over it, so that of two instances the slower one replaces a
        // file that the faster has already used.
        Check(Link(temporary, Path.GetFullPath(path)));
    }

    /// <summary>Whoever reads sees the one before or this one, whole.</summary>
    /// <exception cref="IOException">It cannot be replaced.</exception>
    public static void Replace(string temporary, string path) => File.Move(temporary, path, overwrite: true);

    /// <summary>
    /// What is in the file, and that it is there, whoever wrote it: a process that was killed before it came to this, or an editor.
    /// </summary>
    /// <exception cref="IOException">It may be this one or the one before after a power cut.</exception>
    public static void MakeDurable(string path)
    {
        // Windows flushes only what may be written; elsewhere the file may be for reading alone.
        using (var file = File.OpenHandle(path, access: OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, share: FileShare.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        FlushFolder(path);
    }

    private static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Open(Path.GetDirectoryName(Path.GetFullPath(path))!, ReadOnly);
        Check(folder);
        try
        {
            Check(Flush(folder));
        }
        finally
        {
            _ = Close(folder);
        }
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
