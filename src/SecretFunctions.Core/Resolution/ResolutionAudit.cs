using System.Buffers;
using System.Text.Json;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Resolution;

/// <summary>A variable that took part in a resolve, and how that ended. Never its value.</summary>
internal sealed record ResolvedVariable(PlanEntry Entry, ResolvedSource? Source, Failure? Failure);

/// <summary>The list of variables in a resolve's audit event.</summary>
internal static class ResolutionAudit
{
    public static ReadOnlyMemory<byte> Describe(IEnumerable<ResolvedVariable> variables)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var variable in variables)
            {
                Write(writer, variable);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    public static List<KeyValuePair<string, string>> Target(string? automation, ResolveInput input)
    {
        var target = new List<KeyValuePair<string, string>>(4) { KeyValuePair.Create("environment", input.Environment) };
        if (automation is not null)
        {
            target.Add(KeyValuePair.Create("automation", automation));
        }

        if (input.Project is not null)
        {
            target.Add(KeyValuePair.Create("project", input.Project));
        }

        if (input.Snapshot is not null)
        {
            target.Add(KeyValuePair.Create("snapshot", input.Snapshot));
        }

        return target;
    }

    private static void Write(Utf8JsonWriter writer, ResolvedVariable variable)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, variable.Entry.RecordedAs);
        writer.WriteString("scope"u8, variable.Entry.Scope);
        if (variable.Source is { } source)
        {
            writer.WriteString("from"u8, source.From);
            if (source.Credential is not null && variable.Entry.Scope != VariableScope.PersonalName)
            {
                writer.WriteString("credential"u8, source.Credential);
                writer.WriteString("secret"u8, source.Secret);
            }

            writer.WriteString("version"u8, source.Version);
            if (source.Stale)
            {
                writer.WriteBoolean("stale"u8, true);
            }
        }

        writer.WriteString("outcome"u8, variable.Failure?.Code ?? "success");
        writer.WriteEndObject();
    }
}
