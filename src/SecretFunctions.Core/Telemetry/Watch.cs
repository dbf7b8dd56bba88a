using System.Diagnostics;
using System.Diagnostics.Metrics;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;
using Names = SecretFunctions.Core.Telemetry.SignalNames;

namespace SecretFunctions.Core.Telemetry;

/// <summary>One piece of work that somebody looks at: its span, and how long it took with what outcome. Made only where somebody does.</summary>
public sealed class Watch
{
    private readonly string _name;
    private readonly ActivityKind _kind;
    private readonly Histogram<double> _durations;
    private TagList _tags;
    private TagList _spanTags;
    private Activity? _span;

    private Watch(string name, ActivityKind kind, Histogram<double> durations)
    {
        _name = name;
        _kind = kind;
        _durations = durations;
    }

    /// <summary>
    /// Null where nobody looks, and then there is nothing to pay for. Ask before making anything for it, a closure included.
    /// </summary>
    public static Watch? Begin(string span, ActivityKind kind, Histogram<double> durations) =>
        Signals.Source.HasListeners() || durations.Enabled ? new Watch(span, kind, durations) : null;

    /// <summary>Of the span and of the metric, so one of few values.</summary>
    public Watch With(string attribute, string value)
    {
        _tags.Add(attribute, value);
        return OnSpan(attribute, value);
    }

    /// <summary>Of the span alone. Until the work has ended.</summary>
    public Watch OnSpan(string attribute, object? value)
    {
        if (_span is null)
        {
            _spanTags.Add(attribute, value);
        }
        else
        {
            _span.SetTag(attribute, value);
        }

        return this;
    }

    /// <summary>Runs the work. What it throws passes through, and is told by its kind and never by its text.</summary>
    /// <param name="work">Begins in the span, and is begun once.</param>
    /// <param name="outcomeOf">A code, or one of <see cref="SignalNames.Outcomes"/>.</param>
    /// <param name="cancelled">What it is called that the work was given up.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, Func<T, string> outcomeOf, string cancelled = Names.Outcomes.Cancelled)
    {
        // Begun in here, or it would stay the current one of whoever calls.
        _span = Signals.Source.StartActivity(_name, _kind, parentContext: default, _spanTags);

        // Real time, whatever the clock says: this is how long somebody waited.
        var startedAt = Stopwatch.GetTimestamp();
        var outcome = Names.Outcomes.Internal;
        try
        {
            var result = await work();
            outcome = outcomeOf(result);
            return result;
        }
        catch (OperationCanceledException)
        {
            outcome = cancelled;
            throw;
        }
        catch (StoreUnavailableException)
        {
            outcome = Names.Outcomes.StoreUnavailable;
            throw;
        }
        catch (RootKeyException)
        {
            outcome = Names.Outcomes.RootKeyUnavailable;
            throw;
        }
        finally
        {
            End(outcome, startedAt);
        }
    }

    public Task<Result<T>> RunAsync<T>(Func<Task<Result<T>>> work) => RunAsync(work, static result => result.Failure?.Code ?? Names.Outcomes.Success);

    private void End(string outcome, long startedAt)
    {
        With(Names.Attributes.Outcome, outcome);
        if (outcome is not (Names.Outcomes.Success or Names.Outcomes.Partial))
        {
            _span?.SetTag(Names.Attributes.ErrorType, outcome).SetStatus(ActivityStatusCode.Error);
        }

        _durations.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, _tags);
        _span?.Dispose();
    }
}
