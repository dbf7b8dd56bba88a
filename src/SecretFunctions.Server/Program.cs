using SecretFunctions.Hosting;
using SecretFunctions.Server;

try
{
    await using var app = ServerHost.Build(args);
    var operatorKey = await app.Services.StartSecretFunctionsAsync(CancellationToken.None);
    await app.StartAsync();
    Welcome.Print(app, operatorKey);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (SetupException exception)
{
    await Console.Error.WriteLineAsync($"SecretFunctions cannot start. {exception.Message}");
    return 1;
}
