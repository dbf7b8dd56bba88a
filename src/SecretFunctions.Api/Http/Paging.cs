using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Http;

/// <summary>
/// Where a list goes on. A cursor is authenticated together with the list it came from, so that one from another list,
/// filter or organization is refused and tells nothing.
/// </summary>
internal sealed class Paging
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int MacBytes = 16;

    private readonly HttpContext _context;
    private readonly byte[] _list;

    private Paging(HttpContext context, byte[] list, int limit)
    {
        _context = context;
        _list = list;
        Limit = limit;
    }

    public int Limit { get; }

    /// <summary>What the last page ended with; null on the first.</summary>
    public string? From { get; private init; }

    /// <summary>Reads <c>limit</c> and <c>cursor</c>; every other query parameter is part of what the list is.</summary>
    public static Result<Paging> Read(HttpContext context)
    {
        var limit = DefaultLimit;
        if (context.Query("limit") is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            return Failure.Invalid("limit.invalid", $"'limit' is a whole number from 1 to {MaxLimit}.");
        }

        var filters = context.Request.Query.Where(static pair => pair.Key is not ("limit" or "cursor")).OrderBy(static pair => pair.Key, StringComparer.Ordinal);

        // A list of what is personal is another for everybody.
        var whose = context.Query("scope") == VariableScope.PersonalName ? context.Caller().Principal.ToString() : "";
        var list = Encoding.UTF8.GetBytes(string.Join('\n', [context.Request.Path.Value ?? "", whose, .. filters.Select(static pair => $"{pair.Key}={pair.Value}")]));
        var paging = new Paging(context, list, limit);
        if (context.Query("cursor") is not { } cursor)
        {
            return paging;
        }

        return paging.Decode(cursor) is { } from
            ? new Paging(context, list, limit) { From = from }
            : Failure.Invalid("cursor.invalid", "The cursor is not from this list. Start again without one.");
    }

    public string? Cursor(string? next)
    {
        if (next is null)
        {
            return null;
        }

        var position = Encoding.UTF8.GetBytes(next);
        return Base64Url.EncodeToString([.. Authenticate(position), .. position]);
    }

    private string? Decode(string cursor)
    {
        // Strict in form as well: the decoder throws for what it does not know, so its own check comes first.
        if (!Base64Url.IsValid(cursor))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(cursor);
        return bytes.Length > MacBytes && CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, MacBytes), Authenticate(bytes.AsSpan(MacBytes)))
            ? Encoding.UTF8.GetString(bytes.AsSpan(MacBytes))
            : null;
    }

    private ReadOnlySpan<byte> Authenticate(ReadOnlySpan<byte> position) =>
        _context.Session().View.Keys.AuthenticateCursor([.. _list, 0, .. position]).AsSpan(0, MacBytes);
}
