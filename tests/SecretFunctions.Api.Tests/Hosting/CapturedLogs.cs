using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>Everything that was logged, at every level: text, properties, scopes and exceptions.</summary>
public sealed class CapturedLogs : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<LogLine> _lines = [];
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public IReadOnlyCollection<LogLine> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    public sealed record LogLine(string Category, LogLevel Level, string Text);

    private sealed class Logger(CapturedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logs._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var parts = new List<string> { formatter(state, exception), exception?.ToString() ?? "" };
            if (state is IEnumerable<KeyValuePair<string, object?>> properties)
            {
                parts.AddRange(properties.Select(static property => $"{property.Key}={property.Value}"));
            }

            logs._scopes.ForEachScope(static (scope, into) => into.Add($"{scope}"), parts);
            logs._lines.Enqueue(new LogLine(category, logLevel, string.Join('\n', parts)));
        }
    }
}
