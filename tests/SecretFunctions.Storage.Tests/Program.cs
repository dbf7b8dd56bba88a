using SecretFunctions.Storage.Tests.Sqlite;

// The test runner loads this assembly without calling its entry point.
await CrashingWriter.RunAsync(args[0], args[1]);
