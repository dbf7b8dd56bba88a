using SecretFunctions.Hosting;

namespace SecretFunctions.Storage.Tests.Hosting;

/// <summary>The process of which several make a root key at the same time: says when it is ready, waits for a line, and prints the id of its key.</summary>
internal static class RootKeyRacer
{
    public const string Command = "race-for-root-key";

    public static void Run(string path)
    {
        Console.WriteLine("ready");
        Console.ReadLine();
        using var key = RootKeyFile.Open(path, mayCreate: true);
        Console.WriteLine(key.Ids[0]);
    }
}
