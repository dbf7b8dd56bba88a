using SecretFunctions.Storage.Tests.Hosting;
using SecretFunctions.Storage.Tests.Sqlite;

// The test runner loads this assembly without calling its entry point.
if (args is [RootKeyRacer.Command, var path])
{
    RootKeyRacer.Run(path);
}
else
{
    await CrashingWriter.RunAsync(args[0], args[1]);
}
