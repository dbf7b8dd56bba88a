using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>set</c> changes what it names and keeps the rest, where the thing exists, and makes it where it does not.</summary>
internal static class Upsert
{
    public static async Task<T> PatchOrPutAsync<T>(Func<Task<T>> patch, Func<Task<T>> put)
    {
        try
        {
            return await patch();
        }
        catch (SecretFunctionsException exception) when (exception.Status == 404)
        {
            return await put();
        }
    }

    /// <summary>Null where there is none.</summary>
    public static async Task<T?> FindAsync<T>(Func<Task<T>> get)
        where T : class
    {
        try
        {
            return await get();
        }
        catch (SecretFunctionsException exception) when (exception.Status == 404)
        {
            return null;
        }
    }
}
