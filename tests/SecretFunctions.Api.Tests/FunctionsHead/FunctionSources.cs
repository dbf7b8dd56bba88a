using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.FunctionsHead;

/// <summary>The sources of the Functions head, as they are written: it is not built with the solution.</summary>
internal sealed class FunctionSources
{
    private const string Folder = "src/SecretFunctions.Functions";

    private FunctionSources(IEnumerable<string> texts)
    {
        Trees = [.. texts.Select(static text => CSharpSyntaxTree.ParseText(text))];
        Functions = [.. Trees.SelectMany(static tree => tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>())
            .Where(static method => method.Attributes("Function").Any())
            .Select(static method => new Function(method))];
    }

    public IReadOnlyList<SyntaxTree> Trees { get; }

    public IReadOnlyList<Function> Functions { get; }

    public static FunctionSources Real() => new(
        Directory.EnumerateFiles(Path.Combine(RepositoryPaths.Root, Folder), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText));

    public static FunctionSources Of(params string[] texts) => new(texts);

    public static string Text(string path) => File.ReadAllText(Path.Combine(RepositoryPaths.Root, path));

    /// <summary>The settings that a developer starts with.</summary>
    public static Dictionary<string, string> SampleSettings() => JsonNode.Parse(Text("local.settings.sample.json"))!["Values"]!.AsObject()
        .ToDictionary(static setting => setting.Key, static setting => (string)setting.Value!, StringComparer.Ordinal);
}

/// <summary>A method that the host calls.</summary>
internal sealed class Function(MethodDeclarationSyntax method)
{
    public string Name { get; } = method.Attributes("Function").Single().Arguments().First();

    public string Returns { get; } = method.ReturnType.ToString();

    /// <summary>One call, with what came in: nothing is made, asked or caught on the way.</summary>
    public bool HandsOver { get; } =
        method.ExpressionBody?.Expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax } } call
        && call.ArgumentList.Arguments.All(static argument => argument.Expression is IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax });

    public HttpTrigger? Http { get; } = Trigger(method, "HttpTrigger") is { } trigger ? new HttpTrigger(trigger) : null;

    /// <summary>When it runs, as the attribute says.</summary>
    public string? Schedule { get; } = Trigger(method, "TimerTrigger")?.Arguments().First();

    public string? Queue { get; } = Trigger(method, "QueueTrigger")?.Arguments().First();

    private static AttributeSyntax? Trigger(MethodDeclarationSyntax method, string name) =>
        method.ParameterList.Parameters.SelectMany(parameter => parameter.Attributes(name)).SingleOrDefault();
}

internal sealed class HttpTrigger
{
    private readonly TemplateMatcher _matcher;

    public HttpTrigger(AttributeSyntax attribute)
    {
        Level = attribute.ArgumentList!.Arguments[0].Expression.ToString();
        Verbs = [.. attribute.Arguments().Select(static verb => verb.ToUpperInvariant())];
        Route = attribute.ArgumentList.Arguments.Where(static argument => argument.NameEquals?.Name.ToString() == "Route")
            .Select(static argument => ((LiteralExpressionSyntax)argument.Expression).Token.ValueText).SingleOrDefault() ?? "";
        _matcher = new TemplateMatcher(TemplateParser.Parse(Route), []);
    }

    public string Level { get; }

    public IReadOnlyList<string> Verbs { get; }

    public string Route { get; }

    /// <summary>As the router decides it, where there is no prefix.</summary>
    public bool Matches(string path) => _matcher.TryMatch(path, []);
}

internal static class AttributeReading
{
    public static IEnumerable<AttributeSyntax> Attributes(this MemberDeclarationSyntax member, string name) => Named(member.AttributeLists, name);

    public static IEnumerable<AttributeSyntax> Attributes(this ParameterSyntax parameter, string name) => Named(parameter.AttributeLists, name);

    /// <summary>The texts that are given by position.</summary>
    public static IEnumerable<string> Arguments(this AttributeSyntax attribute) => (attribute.ArgumentList?.Arguments ?? [])
        .Where(static argument => argument.NameEquals is null)
        .Select(static argument => argument.Expression)
        .OfType<LiteralExpressionSyntax>()
        .Select(static literal => literal.Token.ValueText);

    private static IEnumerable<AttributeSyntax> Named(SyntaxList<AttributeListSyntax> lists, string name) =>
        lists.SelectMany(static list => list.Attributes).Where(attribute => attribute.Name.ToString() is var given && (given == name || given == name + "Attribute"));
}
