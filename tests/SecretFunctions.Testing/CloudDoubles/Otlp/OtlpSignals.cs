namespace SecretFunctions.Testing.CloudDoubles.Otlp;

/// <param name="ParentId">Empty where it is the root.</param>
/// <param name="Attributes">Their values as text.</param>
public sealed record OtlpSpan(
    string Scope, string TraceId, string SpanId, string ParentId, string TraceState, string Name, int Kind, int Status, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<string> Events)
{
    public const int Internal = 1, Server = 2, Client = 3;
    public const int Unset = 0, Error = 2;

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}

/// <summary>One series of a metric, as last sent.</summary>
/// <param name="Value">Of a histogram, its sum.</param>
/// <param name="Count">Of a histogram; else 0.</param>
public sealed record OtlpPoint(string Scope, string Metric, string Unit, double Value, long Count, IReadOnlyDictionary<string, string> Attributes)
{
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}

public sealed record OtlpLog(string Category, string Severity, string Body, string TraceId, string SpanId, IReadOnlyDictionary<string, string> Attributes);

/// <summary>From the messages of opentelemetry-proto v1 to records.</summary>
internal static class OtlpReader
{
    public static IEnumerable<OtlpSpan> Spans(ReadOnlyMemory<byte> request) => Scopes(request).SelectMany(static scope => scope.Items.Select(span => new OtlpSpan(
        scope.Name,
        span.Hex(1),
        span.Hex(2),
        span.Hex(4),
        span.Text(3),
        span.Text(5),
        (int)span.Integer(6),
        (int)(span.Message(15)?.Integer(3) ?? 0),
        Attributes(span, 9),
        [.. span.Messages(11).Select(static item => item.Text(2))])));

    public static IEnumerable<OtlpPoint> Points(ReadOnlyMemory<byte> request) =>
        Scopes(request).SelectMany(static scope => scope.Items.SelectMany(metric => Points(scope.Name, metric)));

    public static IEnumerable<OtlpLog> Logs(ReadOnlyMemory<byte> request) => Scopes(request).SelectMany(static scope => scope.Items.Select(log => new OtlpLog(
        scope.Name, log.Text(3), log.Message(5) is { } body ? Value(body) : "", log.Hex(9), log.Hex(10), Attributes(log, 6))));

    /// <summary>Of the resource that sends: <c>service.name</c> and the like.</summary>
    public static IReadOnlyDictionary<string, string> Resource(ReadOnlyMemory<byte> request) =>
        new ProtobufMessage(request).Message(1)?.Message(1) is { } resource ? Attributes(resource, 1) : new Dictionary<string, string>();

    private static IEnumerable<(string Name, IEnumerable<ProtobufMessage> Items)> Scopes(ReadOnlyMemory<byte> request) =>
        from resource in new ProtobufMessage(request).Messages(1)
        from scope in resource.Messages(2)
        select (scope.Message(1)?.Text(1) ?? "", scope.Messages(2));

    private static IEnumerable<OtlpPoint> Points(string scope, ProtobufMessage metric)
    {
        var (name, unit) = (metric.Text(1), metric.Text(3));
        var numbers = new[] { 5, 7 }.SelectMany(metric.Messages).SelectMany(static data => data.Messages(1));
        foreach (var point in numbers)
        {
            yield return new OtlpPoint(scope, name, unit, point.Has(4) ? point.Double(4) : point.Integer(6), 0, Attributes(point, 7));
        }

        foreach (var point in metric.Messages(9).SelectMany(static data => data.Messages(1)))
        {
            yield return new OtlpPoint(scope, name, unit, point.Double(5), point.Integer(4), Attributes(point, 9));
        }
    }

    private static Dictionary<string, string> Attributes(ProtobufMessage message, int field) =>
        message.Messages(field).ToDictionary(static pair => pair.Text(1), static pair => pair.Message(2) is { } value ? Value(value) : "", StringComparer.Ordinal);

    private static string Value(ProtobufMessage value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(2) ? (value.Integer(2) != 0 ? "true" : "false")
        : value.Has(3) ? $"{value.Integer(3)}"
        : value.Has(4) ? $"{value.Double(4)}"
        : "";
}
