namespace SecretFunctions.EndToEnd.Tests.Canary;

/// <summary>Looks for secrets wherever a server leaves something, and keeps what it finds.</summary>
internal sealed class SecretSearch
{
    /// <summary>The logs of a server that is started so.</summary>
    public static readonly (string, string)[] MostVerbose =
    [
        ("Logging__LogLevel__Default", "Trace"),
        ("Logging__LogLevel__Microsoft.AspNetCore", "Trace"),
    ];

    private readonly List<string> _found = [];

    public SecretScanner For { get; } = new();

    /// <summary>What, in which form and where.</summary>
    public IReadOnlyList<string> Found => _found;

    /// <summary>The part that is secret: the id before it is shown in lists and logs.</summary>
    public void AddApiKey(string name, string key) => For.Add(name, key.Split('_', 3)[2]);

    public async Task AddRootKeyAsync(string data) =>
        For.Add("the root key", Convert.FromHexString((await File.ReadAllTextAsync(Path.Combine(data, "root.key"))).Trim().Split(':')[^1]));

    public void Text(string place, string text) => _found.AddRange(For.Find(place, text));

    public void Logs(string output)
    {
        output.ShouldContain("dbug: Microsoft.AspNetCore.Routing", Case.Sensitive, "the logs are verbose indeed");
        Text("the logs", output);
    }

    /// <summary>What <c>ps</c> shows of a process that runs.</summary>
    public async Task ProcessAsync(int id)
    {
        foreach (var name in new[] { "cmdline", "environ" })
        {
            _found.AddRange(For.Find($"/proc/PID/{name}", await File.ReadAllBytesAsync($"/proc/{id}/{name}")));
        }
    }

    public async Task FilesAsync(string folder)
    {
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(static file => !file.EndsWith("root.key", StringComparison.Ordinal)).ToArray();
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            // SQLite holds it open.
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content);
            _found.AddRange(For.Find(Path.GetFileName(file), content.ToArray()));
        }
    }
}
