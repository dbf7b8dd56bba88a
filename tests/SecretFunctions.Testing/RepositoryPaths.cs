namespace SecretFunctions.Testing;

/// <summary>Finds files of the repository from wherever the tests were built to.</summary>
public static class RepositoryPaths
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SecretFunctions.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No SecretFunctions.sln above '{AppContext.BaseDirectory}'.");
    }
}
