using Azure.Core;

namespace SecretFunctions.Storage.Tables;

/// <summary>How requests to the service are sent and repeated.</summary>
internal sealed class TableClientOptions : ClientOptions
{
    public TableClientOptions()
    {
        // A caller waits behind these: three quick repeats ride out a partition being moved, which takes seconds.
        Retry.Mode = RetryMode.Exponential;
        Retry.MaxRetries = 3;
        Retry.Delay = TimeSpan.FromMilliseconds(200);
        Retry.MaxDelay = TimeSpan.FromSeconds(5);
        Retry.NetworkTimeout = TimeSpan.FromSeconds(10);

        // Bodies carry what users stored, and URLs its keys.
        Diagnostics.IsLoggingContentEnabled = false;
        Diagnostics.IsTelemetryEnabled = false;
    }
}
