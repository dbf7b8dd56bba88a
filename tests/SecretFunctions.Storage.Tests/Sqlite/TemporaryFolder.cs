namespace SecretFunctions.Storage.Tests.Sqlite;

/// <summary>A folder that goes away with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("secretfunctions-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
