using System.Buffers.Binary;
using System.Text;

namespace SecretFunctions.Testing.CloudDoubles.Otlp;

/// <summary>A protobuf message as its wire format tells it, fields by their numbers: enough to read what is sent to a collector without its schema.</summary>
public sealed class ProtobufMessage
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    private readonly ILookup<int, (ulong Number, ReadOnlyMemory<byte> Bytes)> _fields;

    public ProtobufMessage(ReadOnlyMemory<byte> data) => _fields = Read(data).ToLookup(static field => field.Field, static field => (field.Number, field.Bytes));

    public IEnumerable<ProtobufMessage> Messages(int field) => _fields[field].Select(static value => new ProtobufMessage(value.Bytes));

    public ProtobufMessage? Message(int field) => Messages(field).FirstOrDefault();

    public string Text(int field) => Encoding.UTF8.GetString(_fields[field].FirstOrDefault().Bytes.Span);

    public string Hex(int field) => Convert.ToHexStringLower(_fields[field].FirstOrDefault().Bytes.Span);

    public bool Has(int field) => _fields[field].Any();

    public long Integer(int field) => (long)_fields[field].FirstOrDefault().Number;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(_fields[field].FirstOrDefault().Number);

    private static IEnumerable<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> Read(ReadOnlyMemory<byte> data)
    {
        while (data.Length > 0)
        {
            var tag = ReadVarint(ref data);
            var field = (int)(tag >> 3);
            switch ((int)(tag & 7))
            {
                case Varint:
                    yield return (field, ReadVarint(ref data), default);
                    break;
                case Fixed64:
                    yield return (field, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref data, 8).Span), default);
                    break;
                case LengthDelimited:
                    yield return (field, 0, Take(ref data, checked((int)ReadVarint(ref data))));
                    break;
                case Fixed32:
                    yield return (field, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref data, 4).Span), default);
                    break;
                case var other:
                    throw new InvalidDataException($"Wire type {other} is none.");
            }
        }
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> data, int length)
    {
        var taken = data[..length];
        data = data[length..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> data)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = Take(ref data, 1).Span[0];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
