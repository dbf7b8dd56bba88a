using SecretFunctions.Hosting;
using SecretFunctions.Server;

if (args.Contains("--help"))
{
    Console.WriteLine(ServerArguments.Help);
    return 0;
}

try
{
    await using var app = ServerHost.Build(args);
    var operatorKey = await app.Services.StartSecretFunctionsAsync(CancellationToken.None);
    if (operatorKey is not null)
    {
        // At once: it is stored already, and would be lost if the address turned out to be taken.
        Welcome.PrintKey(operatorKey);
    }

    await ServerHost.ListenAsync(app, CancellationToken.None);
    Welcome.PrintAddress(app, operatorKey);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (SetupException exception)
{
    await Console.Error.WriteLineAsync($"SecretFunctions cannot start. {exception.Message}");
    return 1;
}
