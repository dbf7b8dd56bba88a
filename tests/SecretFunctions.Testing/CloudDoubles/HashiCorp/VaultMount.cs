using System.Globalization;

namespace SecretFunctions.Testing.CloudDoubles.HashiCorp;

/// <summary>The contents of the double's key-value mount. Safe for concurrent use.</summary>
public sealed class VaultMount(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<KvVersion>> _secrets = new(StringComparer.Ordinal);

    /// <summary>Writes a new version.</summary>
    /// <param name="path">Below the mount.</param>
    /// <param name="json">The fields, as an object.</param>
    public void Put(string path, string json)
    {
        lock (_gate)
        {
            if (!_secrets.TryGetValue(path, out var versions))
            {
                _secrets[path] = versions = [];
            }

            versions.Add(new KvVersion(versions.Count + 1, json));
        }
    }

    /// <summary>Deletes the current version, now or later, so that it can be undeleted.</summary>
    public void Delete(string path, TimeSpan later = default)
    {
        lock (_gate)
        {
            _secrets[path][^1].DeletedAt = time.GetUtcNow() + later;
        }
    }

    public void Destroy(string path)
    {
        lock (_gate)
        {
            _secrets[path][^1].Destroyed = true;
        }
    }

    internal KvVersion? Current(string path)
    {
        lock (_gate)
        {
            return _secrets.TryGetValue(path, out var versions) ? versions[^1] : null;
        }
    }

    internal KvVersion? At(string path, int number)
    {
        lock (_gate)
        {
            return _secrets.TryGetValue(path, out var versions) && number <= versions.Count ? versions[number - 1] : null;
        }
    }

    internal IReadOnlyList<KvVersion> Versions(string path)
    {
        lock (_gate)
        {
            return _secrets.TryGetValue(path, out var versions) ? [.. versions] : [];
        }
    }

    internal IReadOnlyList<string> Keys(string folder)
    {
        lock (_gate)
        {
            return
            [
                .. _secrets.Keys
                    .Where(path => path.StartsWith(folder, StringComparison.Ordinal))
                    .Select(path => path[folder.Length..])
                    .Select(rest => rest.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? rest[..(slash + 1)] : rest)
                    .Distinct(),
            ];
        }
    }

    internal sealed class KvVersion(int number, string json)
    {
        public int Number => number;

        public string Json => json;

        public DateTimeOffset? DeletedAt { get; set; }

        public bool Destroyed { get; set; }

        public bool IsGone(TimeProvider time) => Destroyed || DeletedAt <= time.GetUtcNow();

        public string Metadata() =>
            $$"""{"created_time":"2026-01-01T00:00:00Z","deletion_time":"{{DeletedAt?.ToString("O", CultureInfo.InvariantCulture)}}","destroyed":{{(Destroyed ? "true" : "false")}},"version":{{number}},"custom_metadata":null}""";
    }
}
