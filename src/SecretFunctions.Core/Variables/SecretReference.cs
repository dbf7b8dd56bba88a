using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SecretFunctions.Core.Variables;

/// <summary>
/// Which secret, and which part of it: <c>name</c>, <c>name#key</c> (one field of a JSON object) or
/// <c>name#/a/b/0</c> (a JSON Pointer, RFC 6901).
/// </summary>
/// <remarks>
/// <para>
/// The text is split at its <em>last</em> <c>#</c>. Names are the store's and may hold one (1Password titles, Vault paths,
/// Conjur ids: <c>Database #1#password</c>); field names are the writer's own and hardly ever do. The price: a field whose
/// name has a <c>#</c> cannot be selected, and a name with one cannot be used without a selector. Both end in "not
/// found", never in another secret's value.
/// </para>
/// <para>
/// A name is not trimmed or changed, and has no control characters: it goes into addresses and the audit log. What else a
/// name may hold is the provider's to say, and so is escaping it.
/// </para>
/// </remarks>
public readonly record struct SecretReference
{
    /// <summary>In UTF-16 code units, of the whole text. AWS takes no longer secret id; the others have shorter limits or none.</summary>
    public const int MaxLength = 2048;

    private readonly string? _name;

    private SecretReference(string name, JsonFieldSelector? field)
    {
        _name = name;
        Field = field;
    }

    /// <summary>The secret's name in its store.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default</c>, which refers to nothing.</exception>
    public string Name => _name ?? throw new InvalidOperationException("A default SecretReference refers to nothing.");

    /// <summary>Null: the secret as a whole.</summary>
    public JsonFieldSelector? Field { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, out SecretReference reference)
    {
        reference = default;
        if (text is not { Length: <= MaxLength } || !IsPlainText(text))
        {
            return false;
        }

        var split = text.LastIndexOf('#');
        var name = split < 0 ? text : text[..split];
        JsonFieldSelector? field = null;
        if (split >= 0)
        {
            if (!JsonFieldSelector.TryParse(text[(split + 1)..], out var selector))
            {
                return false;
            }

            field = selector;
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            return false;
        }

        reference = new(name, field);
        return true;
    }

    /// <summary>The text it was parsed from; empty for <c>default</c>, since printing must not throw.</summary>
    public override string ToString() => Field is { } field ? $"{_name}#{field}" : _name ?? "";

    /// <summary>Half a surrogate pair would be sent as U+FFFD, and so ask for another secret.</summary>
    private static bool IsPlainText(string text)
    {
        for (var position = 0; position < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(position), out var rune, out var length) != OperationStatus.Done || Rune.IsControl(rune))
            {
                return false;
            }

            position += length;
        }

        return true;
    }
}
