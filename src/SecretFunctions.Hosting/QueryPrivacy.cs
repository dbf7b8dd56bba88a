using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SecretFunctions.Hosting;

/// <summary>
/// Event Grid can send a key in the query alone, and ASP.NET Core logs every request's query at level Information. So that category says nothing
/// below Warning, whatever the log settings ask for.
/// </summary>
internal static class QueryPrivacy
{
    private const string Category = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static void HideQueries(this IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(static options =>
    {
        // A rule for one provider beats any for all of them, and the last of two for one category wins: so one for each, after all others.
        foreach (var provider in options.Rules.Select(static rule => rule.ProviderName).Append(null).Distinct().ToArray())
        {
            options.Rules.Add(new LoggerFilterRule(provider, Category, LogLevel.Warning, filter: null));
        }
    });
}
