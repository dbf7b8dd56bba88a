using System.Text.RegularExpressions;

namespace SecretFunctions.Api.Tests.FunctionsHead;

/// <summary>What must hold for the functions of the head, whatever the API has.</summary>
internal static partial class FunctionRules
{
    /// <summary>All that HTTP has for an API: an endpoint may begin to take any of them.</summary>
    private static readonly string[] Verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>The host's own.</summary>
    private static readonly string[] Reserved = ["admin", "runtime"];

    /// <summary>Everything that is wrong, a sentence each.</summary>
    /// <param name="functions">The head's.</param>
    /// <param name="routes">The API's: <c>GET /v1/projects/{project}</c>.</param>
    /// <param name="settings">Names and values that a developer starts with.</param>
    public static IEnumerable<string> Check(IReadOnlyList<Function> functions, IEnumerable<string> routes, IReadOnlyDictionary<string, string> settings) =>
    [
        .. functions.GroupBy(static function => function.Name, StringComparer.OrdinalIgnoreCase).Where(static same => same.Count() > 1).Select(static same => $"{same.Key} is the name of several functions."),
        .. functions.SelectMany(CheckShape),
        .. functions.SelectMany(function => CheckTimer(function, settings)),
        .. functions.Where(function => function.Queue is { } queue && Find(queue, settings) is null)
            .Select(static function => $"{function.Name} takes from a queue that no setting of local.settings.sample.json names."),
        .. routes.SelectMany(route => CheckRoute(route, functions)),
    ];

    private static IEnumerable<string> CheckShape(Function function)
    {
        // A result that is returned is written into the worker's message to the host as well.
        if (function.Returns != "Task")
        {
            yield return $"{function.Name} returns {function.Returns}.";
        }

        if (!function.HandsOver)
        {
            yield return $"{function.Name} does more than hand over.";
        }

        if (new object?[] { function.Http, function.Schedule, function.Queue }.Count(static trigger => trigger is not null) != 1)
        {
            yield return $"{function.Name} does not have one trigger.";
        }

        if (function.Http is { } http)
        {
            if (http.Level != "AuthorizationLevel.Anonymous")
            {
                yield return $"{function.Name} asks for a key of the platform's.";
            }

            foreach (var verb in Verbs.Except(http.Verbs))
            {
                yield return $"{function.Name} does not take {verb}.";
            }

            if (!http.Route.EndsWith("/{*path}", StringComparison.Ordinal) || Reserved.Contains(http.Route.Split('/')[0]))
            {
                yield return $"{function.Name} has no route of its own with all that is below it.";
            }
        }
    }

    private static IEnumerable<string> CheckTimer(Function function, IReadOnlyDictionary<string, string> settings)
    {
        if (function.Schedule is not { } schedule)
        {
            yield break;
        }

        if (Find(schedule, settings) is not { } expression)
        {
            yield return $"{function.Name} runs by no setting of local.settings.sample.json.";
        }
        else if (!SixFields().IsMatch(expression))
        {
            yield return $"{function.Name} runs by an expression that has not six fields.";
        }
    }

    /// <summary>The value of the setting that stands between percent signs.</summary>
    private static string? Find(string text, IReadOnlyDictionary<string, string> settings) =>
        SettingName().Match(text) is { Success: true } name ? settings.GetValueOrDefault(name.Groups[1].Value) : null;

    private static IEnumerable<string> CheckRoute(string route, IReadOnlyList<Function> functions)
    {
        var (verb, path) = (route.Split(' ')[0], Parameter().Replace(route.Split(' ')[1], "x"));
        var reached = functions.Where(function => function.Http?.Matches(path) == true).ToArray();
        if (reached.Length != 1)
        {
            yield return $"{route} is reached by {(reached.Length == 0 ? "no function" : string.Join(" and ", reached.Select(static function => function.Name)))}.";
        }
        else if (!reached[0].Http!.Verbs.Contains(verb))
        {
            yield return $"{route} is not let through by {reached[0].Name}.";
        }
    }

    [GeneratedRegex("^%([A-Za-z]+)%$")]
    private static partial Regex SettingName();

    [GeneratedRegex(@"^[\d*/,-]+( [\d*/,A-Za-z-]+){5}$")]
    private static partial Regex SixFields();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
