using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace SecretFunctions.Storage.Tables;

/// <summary>Signs each attempt with the account key: "Authorize with Shared Key", Shared Key Lite for the Table service.</summary>
/// <remarks>
/// Per attempt, since the service refuses dates older than 15 minutes. Lite, since it has one form for every verb,
/// batches included; what it leaves unsigned, TLS protects.
/// </remarks>
internal sealed class SharedKeyLitePolicy(string account, byte[] key, TimeProvider time) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var date = time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);

        // The path exactly as it is sent, percent-encoding included. On the emulator it starts with the account again.
        var path = message.Request.Uri.ToUri().AbsolutePath;
        var signature = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{date}\n/{account}{path}"));
        message.Request.Headers.SetValue("x-ms-date", date);
        message.Request.Headers.SetValue("Authorization", $"SharedKeyLite {account}:{Convert.ToBase64String(signature)}");
    }
}
