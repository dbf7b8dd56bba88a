using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Architecture;

/// <summary>The repository's files as they are written, by their paths from its root.</summary>
internal static class SourceCode
{
    private static readonly string[] Folders = ["src", "tests", "bench", "docs", "infra"];

    private static readonly HashSet<string> Made = ["bin", "obj", "node_modules", "TestResults"];

    /// <summary>Every file but those that a build or an installation made.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Folders.Select(static folder => new DirectoryInfo(Path.Combine(RepositoryPaths.Root, folder))).Where(static folder => folder.Exists).SelectMany(Walk)];

    public static IReadOnlyList<SourceFile> All { get; } =
        [.. Files.Where(static path => path.EndsWith(".cs", StringComparison.Ordinal)).Select(SourceFile.Read)];

    public static IEnumerable<SourceFile> Product => All.Where(static file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    public static string Text(string path) => File.ReadAllText(Path.Combine(RepositoryPaths.Root, path));

    private static IEnumerable<string> Walk(DirectoryInfo folder) => folder.EnumerateFiles()
        .Select(static file => Path.GetRelativePath(RepositoryPaths.Root, file.FullName).Replace('\\', '/'))
        .Concat(folder.EnumerateDirectories().Where(static child => !Made.Contains(child.Name)).SelectMany(Walk));
}

/// <summary>One file, parsed: comments and strings are not taken for code.</summary>
internal sealed record SourceFile(string Path, int Lines, SyntaxNode Root)
{
    /// <summary>The project's folder, such as <c>SecretFunctions.Core</c>.</summary>
    public string Project => Path.Split('/')[1];

    /// <summary>Every name that is used or declared.</summary>
    public IEnumerable<string> Identifiers =>
        Root.DescendantTokens().Where(static token => token.IsKind(SyntaxKind.IdentifierToken)).Select(static token => token.ValueText);

    public static SourceFile Read(string path)
    {
        var text = SourceCode.Text(path);
        return new SourceFile(path, text.AsSpan().Count('\n'), CSharpSyntaxTree.ParseText(text).GetRoot());
    }

    public bool IsIn(string folder) => Path.StartsWith(folder, StringComparison.Ordinal);
}
