using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecretFunctions.Core.Audit;

/// <summary>An event as it stands in the log, with a gap where its list of variables goes. One for each thread, used again for all that the thread appends.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The writer writes to memory: there is nothing to release.")]
internal sealed class EventLine
{
    // Control characters and quotes are escaped; letters are not: the log is for people too.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Holds the gap's place while the line is written.</summary>
    private const string Gap = "0";

    [ThreadStatic]
    private static EventLine? _ofThread;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;
    private readonly Action<Utf8JsonWriter> _writeGap;
    private int _gap;

    private EventLine()
    {
        _writer = new Utf8JsonWriter(_buffer, WriterOptions);
        _writeGap = WriteGap;
    }

    public ReadOnlyMemory<byte> Variables { get; private set; }

    /// <summary>Up to the list of variables; the whole line where there is none.</summary>
    public ReadOnlySpan<byte> Before => Variables.IsEmpty ? _buffer.WrittenSpan : _buffer.WrittenSpan[.._gap];

    public ReadOnlySpan<byte> After => _buffer.WrittenSpan[(_gap + Gap.Length)..];

    public int Length => _buffer.WrittenCount + Variables.Length;

    /// <summary>Good until the thread asks for the next.</summary>
    public static EventLine Of(AuditEvent auditEvent)
    {
        var line = _ofThread ??= new EventLine();

        // Also after an event that could not be written to its end.
        line._buffer.ResetWrittenCount();
        line._writer.Reset();
        line.Variables = auditEvent.VariablesJson;
        auditEvent.WriteTo(line._writer, line._writeGap);
        line._writer.Flush();
        return line;
    }

    private void WriteGap(Utf8JsonWriter writer)
    {
        writer.WriteRawValue(Gap, skipInputValidation: true);
        writer.Flush();
        _gap = _buffer.WrittenCount - Gap.Length;
    }
}
