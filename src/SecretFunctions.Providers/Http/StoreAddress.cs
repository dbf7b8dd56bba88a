namespace SecretFunctions.Providers.Http;

/// <summary>Addresses of self-hosted stores: a base, perhaps with a path of its own, and what comes after it.</summary>
internal static class StoreAddress
{
    /// <summary>Null where the text can be the base of a store's API, and requests may go there. No I/O.</summary>
    public static string? Check(string text, ProviderHttp http) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var address) ? "It is not an address: write https://host, with a port or path if there is one."
        : address.UserInfo.Length > 0 ? "It has a user name or password in it; leave that out."
        : address.Query.Length > 0 || address.Fragment.Length > 0 ? "It ends in a query or fragment; leave that out."
        : http.CheckAddress(address);

    /// <param name="address">The base, with or without a slash at its end.</param>
    /// <param name="path">Escaped, without a slash before it.</param>
    public static Uri Combine(string address, string path) => new($"{address.TrimEnd('/')}/{path}");

    /// <summary>
    /// Escapes every segment and keeps the slashes. Segments of dots are the callers' to refuse (<see cref="HasDotSegment"/>): <see cref="Uri"/> resolves
    /// them even when they are escaped, and so would leave the mount or folder.
    /// </summary>
    public static string EscapePath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    public static bool HasDotSegment(string path) => path.Split('/', '\\').Any(segment => segment is "." or "..");
}
