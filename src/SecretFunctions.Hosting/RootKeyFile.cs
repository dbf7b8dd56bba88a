using System.Buffers;
using System.Security.Cryptography;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Hosting;

/// <summary>
/// The embedded root keys: a file that its owner alone can read, with one key on each line, the newest first. Safe for concurrent use, and processes
/// may share the file.
/// </summary>
/// <remarks>
/// Keys are only ever added here. What is stored says which of them it needs; a backup of the database that is older than a rotation needs an earlier
/// one. So when a key may go is the operator's to say, who does that with an editor.
/// </remarks>
public sealed class RootKeyFile : IRootKeySource, IDisposable
{
    internal const int MaxKeys = 64;

    private const int MaxFileBytes = 8192;
    private const int TemporaryDigits = 8;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789ABCDEF");

    private readonly string _path;
    private readonly Action<string> _makeDurable;
    private readonly Lock _gate = new();
    private volatile LocalRootKey[] _keys;

    private RootKeyFile(string path, LocalRootKey[] keys, Action<string> makeDurable) => (_path, _keys, _makeDurable) = (path, keys, makeDurable);

    private static ReadOnlySpan<byte> Prefix => "secretfunctions-root-key-v1:"u8;

    private static int LineBytes => Prefix.Length + (2 * LocalRootKey.KeyBytes) + 1;

    public IReadOnlyList<string> Ids => [.. _keys.Select(static key => key.Id)];

    /// <summary>Reads the keys, or makes one where nothing was ever stored under another.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mayCreate">False where there is data already: it needs the key it was made with, and no other.</param>
    /// <exception cref="RootKeyException">It is missing, readable by others, or no root key.</exception>
    public static RootKeyFile Open(string path, bool mayCreate) => Open(path, mayCreate, DurableFiles.MakeDurable);

    /// <summary>With another way to the disk, for tests.</summary>
    internal static RootKeyFile Open(string path, bool mayCreate, Action<string> makeDurable) => Guarded(path, () =>
    {
        if (!File.Exists(path))
        {
            if (!mayCreate)
            {
                throw new RootKeyException($"The root key file '{path}' is missing, and the stored data needs it: restore it from your backup.");
            }

            Create(path);
        }

        var keys = Read(path);
        if (mayCreate)
        {
            // Nothing lies under it yet, so whoever made it may have been killed before it was sure to stay.
            makeDurable(TargetOf(path));
        }
        else
        {
            TrySweep(path);
        }

        return new RootKeyFile(path, keys, makeDurable);
    });

    public IRootKey? Find(string id)
    {
        if (Known(id) is { } known)
        {
            return known;
        }

        lock (_gate)
        {
            Reread();
            return Known(id);
        }
    }

    public IRootKey Next(string current)
    {
        lock (_gate)
        {
            return Guarded(_path, () =>
            {
                // One process at a time reads and replaces: of two that add a key, the slower would drop the other's. The lock ends with its holder.
                using var turn = TakeTurn(_path);
                Sweep(_path);
                Reread();
                if (Known(current) is null)
                {
                    throw new RootKeyException($"The root key file '{_path}' does not hold the current root key {current}.");
                }

                if (_keys[0].Id == current)
                {
                    Add();
                    Reread();
                }

                // Made a moment ago, or put there by the operator, or by a process that was killed or failed before it was sure to stay: data is moved to
                // it as soon as this returns.
                _makeDurable(TargetOf(_path));
                return _keys[0].Id != current ? _keys[0] : throw new RootKeyException($"The root key file '{_path}' was changed by somebody else meanwhile.");
            });
        }
    }

    public void Dispose() => Array.ForEach(_keys, static key => key.Dispose());

    private LocalRootKey? Known(string id) => Array.Find(_keys, key => key.Id == id);

    private void Reread()
    {
        var read = Guarded(_path, () => Read(_path));

        // What was open stays open: somebody may be using it.
        _keys = [.. read.Select(key =>
        {
            if (Known(key.Id) is not { } known)
            {
                return key;
            }

            key.Dispose();
            return known;
        })];
    }

    private static FileStream TakeTurn(string path) => new(Beside(path, "lock"), Private(FileMode.OpenOrCreate));

    private static string Beside(string path, string ending) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.{ending}");

    /// <summary>The file itself, where the path is a link to it.</summary>
    private static string TargetOf(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    /// <summary>What a process left that was killed while it wrote: it holds all keys too. By whoever has the turn, so that it is nobody's who still writes.</summary>
    private static void Sweep(string path) => Array.ForEach(Leftovers(path), File.Delete);

    private static void TrySweep(string path)
    {
        try
        {
            if (Leftovers(path).Length > 0)
            {
                using var turn = TakeTurn(path);
                Sweep(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another has the turn, and sweeps itself; or the folder is for reading alone: no reason not to serve. The next rotation insists.
        }
    }

    private static string[] Leftovers(string path)
    {
        var pattern = Beside(TargetOf(path), new string('?', TemporaryDigits));
        return [.. Directory.GetFiles(Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern))
            .Where(static file => file.Length > TemporaryDigits && !file.AsSpan(file.Length - TemporaryDigits).ContainsAnyExcept(Hexadecimal))];
    }

    private static T Guarded<T>(string path, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RootKeyException($"The root key file '{path}' cannot be used: {exception.Message}", exception);
        }
    }

    private static LocalRootKey[] Read(string path)
    {
        Span<byte> text = stackalloc byte[MaxFileBytes];
        try
        {
            return Parse(text[..ReadFile(path, text)], path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private static int ReadFile(string path, Span<byte> text)
    {
        // Of the file that is read, not of whatever the path names a moment later or a link on the way.
        using var file = File.OpenHandle(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnly) != 0)
        {
            throw new RootKeyException($"The root key file '{path}' can be used by others: run chmod 600 on it.");
        }

        return RandomAccess.Read(file, text, fileOffset: 0);
    }

    private static LocalRootKey[] Parse(ReadOnlySpan<byte> text, string path)
    {
        Span<byte> key = stackalloc byte[LocalRootKey.KeyBytes];
        var keys = new List<LocalRootKey>();
        try
        {
            text = text.EndsWith("\n"u8) ? text[..^1] : text;
            foreach (var range in text.Split((byte)'\n'))
            {
                var line = text[range].TrimEnd((byte)'\r');
                if (keys.Count == MaxKeys || !line.StartsWith(Prefix)
                    || Convert.FromHexString(line[Prefix.Length..], key, out _, out var written) != OperationStatus.Done || written != key.Length)
                {
                    throw new RootKeyException($"The file '{path}' does not hold a root key on each line.");
                }

                keys.Add(new LocalRootKey(key));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return keys.DistinctBy(static one => one.Id).Count() == keys.Count ? [.. keys] : throw new RootKeyException($"The file '{path}' does not hold a root key on each line, but one of them twice.");
    }

    /// <summary>Flushed beside it, then linked into place, which fails if another was faster.</summary>
    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            WriteBeside(path, [], temporary => DurableFiles.Publish(temporary, path));
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another instance made it meanwhile: its key is the one.
        }
    }

    /// <summary>Flushed beside it with what is there, then renamed over it: whoever reads, sees all keys or all before.</summary>
    private void Add()
    {
        if (_keys.Length >= MaxKeys)
        {
            throw new RootKeyException($"The root key file '{_path}' holds {MaxKeys} keys: take those out that are needed no more.");
        }

        var target = TargetOf(_path);
        Span<byte> text = stackalloc byte[MaxFileBytes];
        try
        {
            WriteBeside(target, text[..ReadFile(target, text)], temporary => DurableFiles.Replace(temporary, target));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>A new key, then the lines that are there.</summary>
    private static void WriteBeside(string path, ReadOnlySpan<byte> lines, Action<string> publish)
    {
        var temporary = Beside(path, RandomNumberGenerator.GetHexString(TemporaryDigits));
        Span<byte> key = stackalloc byte[LocalRootKey.KeyBytes];
        Span<byte> line = stackalloc byte[LineBytes];
        RandomNumberGenerator.Fill(key);
        Prefix.CopyTo(line);
        Convert.TryToHexStringLower(key, line[Prefix.Length..], out _);
        line[^1] = (byte)'\n';
        try
        {
            using (var file = new FileStream(temporary, Private(FileMode.CreateNew)))
            {
                file.Write(line);
                file.Write(lines);
                file.Flush(flushToDisk: true);
            }

            publish(temporary);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(line);
            File.Delete(temporary);
        }
    }

    private static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }
}
