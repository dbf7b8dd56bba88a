using SecretFunctions.Cli;

#pragma warning disable RS0030 // A head: this is where the environment is read, and nowhere else.
return await CommandTree.RunAsync(args, Environment.GetEnvironmentVariable);
#pragma warning restore RS0030
