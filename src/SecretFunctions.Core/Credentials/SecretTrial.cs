using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Credentials;

/// <summary>Reads a secret only to see whether that works.</summary>
internal static class SecretTrial
{
    /// <returns>The version that was read. Nothing of the value leaves.</returns>
    public static async Task<Result<string>> ReadAsync(
        ISecretProvider provider, ISecretStore store, SecretReference reference, CancellationToken cancellationToken)
    {
        var address = new SecretAddress(reference.Name, null);
        if (provider.ValidateAddress(address) is { } wrong)
        {
            return wrong;
        }

        if (!(await store.ReadAsync(address, cancellationToken)).TryGet(out var payload, out var failure))
        {
            return failure;
        }

        using (payload)
        {
            if (!provider.Select(payload, reference.Field?.Value).TryGet(out var value, out failure))
            {
                return failure;
            }

            value.Dispose();
            return payload.Version;
        }
    }
}
