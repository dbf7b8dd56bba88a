namespace SecretFunctions.Cli;

/// <summary>What scripts can tell apart; <c>run</c> passes its command's own on.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The service or a file said no; why is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the settings are wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>The command of <c>run</c> is there and cannot be started (as shells have it).</summary>
    public const int CannotRun = 126;

    /// <summary>The command of <c>run</c> was not found (as shells have it).</summary>
    public const int NotFound = 127;

    /// <summary>Interrupted: 128 and the signal's number.</summary>
    public const int Interrupted = 130;
}
