using System.Runtime.InteropServices;

namespace SecretFunctions.Hosting;

/// <summary>Puts a file that was written and flushed beside another in its place, so that it is there after a power cut too.</summary>
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
        FlushFolder(path);
    }

    /// <summary>Whoever reads sees the one before or this one, whole.</summary>
    /// <exception cref="IOException">It cannot be replaced, or its folder not be flushed: then it may be either after a power cut.</exception>
    public static void Replace(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
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
